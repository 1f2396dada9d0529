import Foundation
import Recurve

/// A twin that waits for what it is asked on its standard input.
final class TwinProcess {
  /// The script with what it was told.
  let name: String
  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())
  /// Where it writes what goes wrong.
  private let log = NSTemporaryDirectory() + "recurve-twin-\(UUID().uuidString).log"

  /// - Throws: where the Python, the script or an answer to `ready` is missing.
  init(_ python: String, _ script: String, _ arguments: [String]) throws {
    name = ([script] + arguments).joined(separator: " ")
    for path in [python, script] where !FileManager.default.fileExists(atPath: path) {
      throw BenchmarkError.missingTwin(path)
    }
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script] + arguments
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    _ = try ask("ready")
  }

  func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: log)
  }

  /// Seconds of each step.
  func quietTimes(_ seconds: Double) throws -> [Double] {
    try QuietTimes.taken(seconds) {
      // First its processor time, then the steps'.
      let answer = try ask("time \(TimedWindows.windowSeconds)")
      return (Array(answer.dropFirst()), answer.first ?? 0)
    }
  }

  /// It stands still otherwise: threads that wait would take processors from others.
  func ask(_ question: String) throws -> [Double] {
    kill(process.processIdentifier, SIGCONT)
    defer { kill(process.processIdentifier, SIGSTOP) }
    input.fileHandleForWriting.write(Data((question + "\n").utf8))
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first != 10 { line += byte }
    guard let numbers = try? JSONDecoder().decode([Double].self, from: line) else {
      let messages = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      throw BenchmarkError.failedProcess(
        name, String((String(decoding: line, as: UTF8.self) + messages).suffix(600)))
    }
    return numbers
  }
}
