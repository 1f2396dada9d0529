import Foundation
import TestSupport
import Testing

/// `recurve tokenizer`, as a user gives it.
@Suite(.enabled(if: KilledRun.isPossible)) struct TokenizerCommandTests {
  @Test func tokensAreFoundAndShown() throws {
    try withTemporaryFolder { folder in
      try Data(String(repeating: "low lower lowest ", count: 20).utf8).write(
        to: URL(fileURLWithPath: folder + "/text.txt"))
      let trained = try CommandRun(
        ["tokenizer", "train", "text.txt", "--vocabulary", "262", "-o", "v.txt", "--json"], in: folder)
      #expect(trained.status == 0 && trained.output.contains("\"tokens\" : 262"), "\(trained.errors)")
      let shown = try CommandRun(["tokenizer", "show", "v.txt", "low lower"], in: folder)
      #expect(shown.status == 0 && shown.output.hasPrefix("low| low"), "\(shown.output)")
      let unwritable = try CommandRun(["tokenizer", "train", "text.txt", "-o", "none/v.txt"], in: folder)
      #expect(unwritable.status == 1 && unwritable.errors.contains("none' is no folder that can be written to"))
    }
  }

  /// The first Ctrl-C ends a long word too, and what was found is there.
  @Test func interruptedCountsLeaveTheVocabulary() throws {
    try withTemporaryFolder { folder in
      var state: UInt64 = 1
      let letters = (0..<2_000_000).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(ascii: "a") + UInt8(state >> 61)
      }
      let (text, output) = (folder + "/text.txt", folder + "/vocabulary.txt")
      try Data(letters).write(to: URL(fileURLWithPath: text))
      let (process, errors) = (Process(), Pipe())
      process.executableURL = URL(fileURLWithPath: KilledRun.executable)
      process.arguments = ["tokenizer", "train", text, "--vocabulary", "300", "-o", output]
      (process.standardOutput, process.standardError) = (FileHandle.nullDevice, errors)
      try process.run()
      for _ in 0..<60_000 where process.isRunning && !FileManager.default.fileExists(atPath: output) {
        Thread.sleep(forTimeInterval: 0.001)
      }
      kill(process.processIdentifier, SIGINT)
      let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 130, "\(said)")
      #expect(said.contains("stopped; wrote \(output), and did not count the text's tokens"), "\(said)")
    }
  }
}
