import Foundation
import TestSupport

/// The debug build's `recurve`, run to its end as a user starts it.
struct RecurveRun {
  var status: Int32
  var output: Data
  var errors: Data

  /// Beside the tests.
  static let executable: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let folders = ([tests] + CommandLine.arguments).map { URL(fileURLWithPath: $0).deletingLastPathComponent().path }
    return folders.map { $0 + "/recurve" }.first(where: FileManager.default.isExecutableFile) ?? ""
  }()

  static let isPossible = !executable.isEmpty

  /// - Parameter wrapper: a command that starts the executable, and its first arguments.
  init(_ arguments: [String], by wrapper: [String] = [], environment: [String: String] = [:]) throws {
    let words = wrapper + [Self.executable] + arguments
    (status, output, errors) = try withTemporaryFolder { folder -> (Int32, Data, Data) in
      let files = ["output", "errors"].map { folder + "/" + $0 }
      for file in files { try Data().write(to: URL(fileURLWithPath: file)) }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: words[0])
      process.arguments = Array(words.dropFirst())
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      process.standardOutput = FileHandle(forWritingAtPath: files[0])
      process.standardError = FileHandle(forWritingAtPath: files[1])
      try process.run()
      process.waitUntilExit()
      let texts = try files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
      return (process.terminationStatus, texts[0], texts[1])
    }
  }
}
