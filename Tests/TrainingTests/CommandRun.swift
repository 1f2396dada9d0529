import Foundation

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
    let (process, output) = (Process(), Pipe())
    let errorPath = FileManager.default.temporaryDirectory.path + "/recurve-errors-\(UUID())"
    try Data().write(to: URL(fileURLWithPath: errorPath))
    defer { try? FileManager.default.removeItem(atPath: errorPath) }
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    (process.standardOutput, process.standardError) = (output, FileHandle(forWritingAtPath: errorPath))
    try process.run()
    self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    self.errors = (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? ""
  }

  /// A small training into a folder.
  static func training(_ folder: String, steps: Int, _ others: String...) -> [String] {
    [
      "train", "tiny-recursion", "--preset", "nano", "--batch", "2", "--depth", "1", "--threads", "1", "--steps",
      "\(steps)", "--output", folder,
    ] + others
  }
}

/// Calls the body with a new folder.
func withRunFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.path + "/recurve-run-test-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}
