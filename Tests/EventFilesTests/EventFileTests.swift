import Foundation
import TestSupport
import Testing

@testable import EventFiles

/// Event files: the check's published values, the frame's bytes, and TensorBoard itself as reader.
@Suite struct EventFileTests {
  /// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  @Test func checksEqualThePublishedOnes() {
    #expect(CyclicRedundancyCheck.value(Data("123456789".utf8)) == 0xE306_9283)
    #expect(CyclicRedundancyCheck.value(Data(repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CyclicRedundancyCheck.value(Data(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CyclicRedundancyCheck.value(Data(0..<32)) == 0x46DD_794E)
    #expect(CyclicRedundancyCheck.value(Data((0..<32).reversed())) == 0x113F_DB5C)
    #expect(CyclicRedundancyCheck.value(Data()) == 0)
  }

  /// Mask of the check value: rotated right by 15, plus the constant.
  @Test func framesAreLaidOutAsTensorFlowHasThem() {
    #expect(CyclicRedundancyCheck.masked(Data("123456789".utf8)) == 0xC78A_B0E5)
    // The first twelve bytes of every event file that TensorFlow writes: its first record has 24 bytes.
    let start: [UInt8] = [24, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22]
    #expect(Array(RecordFile.framed(Data(repeating: 0, count: 24)).prefix(12)) == start)
    let frame = RecordFile.framed(Data("123456789".utf8))
    #expect(frame.count == 8 + 4 + 9 + 4)
    #expect(Array(frame.prefix(8)) == [9, 0, 0, 0, 0, 0, 0, 0])
    #expect(frame[12..<21] == Data("123456789".utf8))
    #expect(Array(frame.suffix(4)) == [0xE5, 0xB0, 0x8A, 0xC7])
  }

  @Test func eventsHoldWhatWasAppended() throws {
    try withTemporaryFolder { folder in
      let file = try EventFile(folder: folder, firstStep: 1)
      try file.append(step: 7, scalars: [("train/loss", 0.5), ("train/cell_accuracy", 0.25)])
      try file.close()
      var bytes = try Data(contentsOf: URL(fileURLWithPath: file.path))
      var events: [Tensorflow_Event] = []
      while !bytes.isEmpty {
        let count = Int(bytes[bytes.startIndex])
        events.append(try Tensorflow_Event(serializedBytes: bytes.dropFirst(12).prefix(count)))
        bytes = bytes.dropFirst(16 + count)
      }
      #expect(events.count == 3 && events[0].fileVersion == "brain.Event:2")
      #expect(events[1].sessionLog.status == .start && events[1].step == 1)
      #expect(events[2].step == 7 && events[2].wallTime > 1e9)
      #expect(events[2].summary.value.map(\.tag) == ["train/loss", "train/cell_accuracy"])
      #expect(events[2].summary.value.map(\.simpleValue) == [0.5, 0.25])
    }
  }

  @Test func aFolderThatIsMissingIsNamed() throws {
    let error = try #require(throws: EventFileError.self) { try EventFile(folder: "/nowhere", firstStep: 1) }
    #expect("\(error)".hasPrefix("/nowhere/events.out.tfevents.") && "\(error)".hasSuffix(": cannot be made"))
  }

  @Test(.enabled(if: python != nil)) func tensorBoardReadsThem() throws {
    try withTemporaryFolder { folder in
      let first = try EventFile(folder: folder, firstStep: 1)
      for step in 1...5 { try first.append(step: step, scalars: [("train/loss", 1 / Double(step))]) }
      try first.close()
      // A run that was interrupted and goes on from step 3: what came after is forgotten.
      let second = try EventFile(folder: folder, firstStep: 4)
      for step in 4...6 { try second.append(step: step, scalars: [("train/loss", Double(step))]) }
      try second.close()
      let program = """
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        a = EventAccumulator("\(folder)").Reload()
        found = [(e.step, e.value) for e in a.Scalars("train/loss")]
        assert [s for s, _ in found] == [1, 2, 3, 4, 5, 6], found
        assert [v for _, v in found[3:]] == [4.0, 5.0, 6.0] and found[1][1] == 0.5, found
        """
      #expect(try Self.run(program) == 0)
    }
  }

  /// The interpreter in RECURVE_PYTHON or on the path, if it has TensorBoard.
  private static let python: String? = {
    let name = ProcessInfo.processInfo.environment["RECURVE_PYTHON"] ?? "python3"
    return (try? run("import tensorboard", name)) == 0 ? name : nil
  }()

  private static func run(_ program: String, _ interpreter: String? = nil) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [interpreter ?? python ?? "python3", "-c", program]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
