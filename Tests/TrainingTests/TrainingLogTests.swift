import Foundation
import TestSupport
import Testing

@testable import Training

/// A log is kept through full disks, broken lines and endings of other systems, or refused and left as it is.
@Suite struct TrainingLogTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  @Test func aFullLogIsWrittenOnceThereIsRoom() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/log.jsonl"
      let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
      let log = TrainingLog(path: path, descriptor: descriptor)
      for step in 1...3 { log.append(TrainingLog.Entry(step: step, loss: 1, measures: [])) }
      let problem = "\(path): cannot be written: no space left on device"
      #expect(log.failure.map { "\($0)" } == problem)
      #expect(message { try log.finish() } == problem)
      let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
      dup2(file, descriptor)
      close(file)
      try log.finish()
      #expect(log.failure == nil)
      #expect(try TrainingLog.entries(path: path).map(\.step) == [1, 2, 3])
    }
  }

  /// A tilde stands for a byte that is no UTF-8.
  private func write(_ text: String, to path: String) throws -> Data {
    let bytes = Data(text.utf8.map { $0 == UInt8(ascii: "~") ? 0xFF : $0 })
    try bytes.write(to: URL(fileURLWithPath: path))
    return bytes
  }

  @Test(
    arguments: [
      ("{\"loss\":1,\"metrics\":{},\"step\":1}\r\n{\"loss\":2,\"metrics\":{},\"step\":2}\r\n", [1, 2]),
      ("{\"loss\":1,\"metrics\":{},\"step\":1}\n\n{\"loss\":2,\"metrics\":{},\"step\":2}", [1, 2]),
      ("{\"loss\":1,\"metrics\":{},\"step\":1}\n{\"loss\":2,\"met", [1]),
      ("{\"loss\":1,\"metrics\":{},\"step\":1}\n~\0\0", [1]),
      ("", []),
    ] as [(String, [Int])])
  func logsAreReadLineByLine(_ text: String, _ steps: [Int]) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/log.jsonl"
      _ = try write(text, to: path)
      #expect(try TrainingLog.entries(path: path).map(\.step) == steps)
      #expect(try TrainingLog(path: path, keepsUntil: 1).entries.map(\.step) == steps.filter { $0 == 1 })
    }
  }

  @Test(
    arguments: [
      (
        "{\"loss\":1,\"metrics\":{},\"step\":1}\n{\"step\":2}\n{\"loss\":3,\"metrics\":{},\"step\":3}\n",
        "2: needed a step's numbers as JSON, found '{\"step\":2}'"
      ),
      (
        "{\"loss\":1,\"metrics\":{\"~\":1},\"step\":1}\n{\"loss\":2,\"metrics\":{},\"step\":2}\n",
        "1: needed a step's numbers as JSON, found '{\"loss\":1,\"metrics\":{\"\u{FFFD}\":1},\"step\":1}'"
      ),
    ] as [(String, String)])
  func logsThatCannotBeReadStay(_ text: String, _ problem: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/log.jsonl"
      let bytes = try write(text, to: path)
      #expect(message { _ = try TrainingLog(path: path, keepsUntil: 9) } == "\(path):\(problem)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
      let unreadable = message { _ = try TrainingLog(path: folder, keepsUntil: 9) }
      #expect(unreadable == "\(folder): needed the log of a training run, found a folder")
    }
  }

  @Test func textsInLogsControlNothing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/log.jsonl"
      let log = try TrainingLog(path: path, keepsUntil: 0)
      let measure = Measure(name: "a\u{202E}b", value: 1, count: 1)
      log.append(TrainingLog.Entry(step: 1, loss: 1, measures: [measure]))
      try log.finish()
      #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\"a\\u202eb\":1"))
      #expect(try TrainingLog.entries(path: path)[0].metrics == ["a\u{202E}b": 1])
    }
  }
}
