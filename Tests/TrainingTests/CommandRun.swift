import Foundation
import TestSupport

/// The debug build's `recurve` with arguments, as a user starts it.
struct CommandRun {
  var status: Int32
  var output: String
  var errors: String

  /// Runs to the end.
  init(_ arguments: [String], in folder: String? = nil, environment: [String: String] = [:]) throws {
    try self.init(executable: KilledRun.executable, arguments, in: folder, environment: environment)
  }

  /// Runs a shell script in which `$RECURVE` is the executable.
  init(script: String) throws {
    try self.init(executable: "/bin/sh", ["-c", script], environment: ["RECURVE": KilledRun.executable])
  }

  private init(
    executable: String, _ arguments: [String], in folder: String? = nil, environment: [String: String]
  ) throws {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardOutput = pipe
    (output, errors) = try withTemporaryFolder { own -> (String, String) in
      let errorPath = own + "/errors"
      try Data().write(to: URL(fileURLWithPath: errorPath))
      process.standardError = FileHandle(forWritingAtPath: errorPath)
      try process.run()
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (output, (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? "")
    }
    status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }

  /// A small training into a folder.
  static func training(_ folder: String, steps: Int, _ others: String...) -> [String] {
    [
      "train", "tiny-recursion", "--preset", "nano", "--variant", "attention", "--batch", "2", "--depth", "1",
      "--threads", "1", "--schedule", "constant", "--average", "none", "--validate-every", "0", "--steps", "\(steps)",
      "--output", folder,
    ] + others
  }
}
