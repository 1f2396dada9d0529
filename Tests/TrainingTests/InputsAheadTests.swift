import Foundation
import Recurve
import TestSupport
import Testing

@testable import Training

/// Inputs that are prepared while the step before runs change no bit of a run.
@Suite struct InputsAheadTests {
  struct NoMore: Error {}

  /// Points in turn, from numbers that each draw changes.
  final class Task: TrainingTask {
    let model: any Model = TrainerTests.Line()
    let graphName = "line"
    let batchSize = 4
    let preparesInputsAhead: Bool
    /// Draws from this one on fail.
    var end = Int.max
    /// Draws on another thread than the one that made the task.
    private(set) var drawnElsewhere = 0
    private let home = Thread.current
    private var drawn = 0
    private var generator: Int32 = 17

    init(ahead: Bool) { preparesInputsAhead = ahead }

    func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)] {
      if drawn + 1 >= end { throw NoMore() }
      if Thread.current !== home { drawnElsewhere += 1 }
      drawn += 1
      let x = (0..<4).map { _ -> Float in
        generator = generator &* 1_103_515_245 &+ 12345
        return Float(generator >> 16) / 32768
      }
      return [("x", HostTensor([4], x)), ("y", HostTensor([4], x.map { 3 * $0 - 1 }))]
    }
    func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)] {
      ["x", "y"].map { ($0, HostTensor([4], [1, 2, 3, Float(number)])) }
    }
    func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String { "" }
    var progress: [String: HostTensor] {
      get { ["draws": HostTensor([2], [Int32(drawn), generator])] }
      set {
        let numbers = newValue["draws"]?.integers ?? [0, 17]
        (drawn, generator) = (Int(numbers[0]), numbers[1])
      }
    }
  }

  private func session(ahead: Bool) throws -> TrainingSession {
    try TrainingSession(
      Task(ahead: ahead), optimizer: .adamW(), learningRate: 0.05, seed: 2, CompilerOptions(workerCount: 1))
  }

  private func bytes(_ session: TrainingSession, _ folder: String) throws -> Data {
    try session.save(to: folder + "/saved.safetensors")
    return try Data(contentsOf: URL(fileURLWithPath: folder + "/saved.safetensors"))
  }

  @Test func checkpointsAreThoseOfARunThatPreparesNothing() throws {
    try withTemporaryFolder { folder in
      let (plain, ahead) = (try session(ahead: false), try session(ahead: true))
      #expect(try bytes(plain, folder) == bytes(ahead, folder))
      for _ in 0..<6 {
        #expect(try plain.step() == ahead.step())
        #expect(try plain.validate(batches: 2) == ahead.validate(batches: 2))
        #expect(try bytes(plain, folder) == bytes(ahead, folder))
      }
      // Each continues from the other's checkpoint; what was prepared before is forgotten.
      let path = folder + "/third.safetensors"
      try ahead.save(to: path)
      for session in [plain, ahead] { for _ in 0..<3 { _ = try session.step() } }
      let expected = try bytes(plain, folder)
      for session in [plain, ahead] {
        try session.load(from: path)
        for _ in 0..<3 { _ = try session.step() }
        #expect(try bytes(session, folder) == expected)
      }
    }
  }

  @Test func allButTheFirstArePreparedElsewhere() throws {
    let session = try session(ahead: true)
    for _ in 0..<5 { _ = try session.step() }
    #expect((session.task as? Task)?.drawnElsewhere == 5, "those of steps 2 to 6")
    let plain = try self.session(ahead: false)
    for _ in 0..<5 { _ = try plain.step() }
    #expect((plain.task as? Task)?.drawnElsewhere == 0)
  }

  /// Where the system gives no thread they are drawn before the step, and no bit is another.
  @Test func withoutThreadsTheyArePreparedBeforeTheStep() throws {
    try withTemporaryFolder { folder in
      let (plain, ahead) = (try session(ahead: false), try session(ahead: true))
      try NextInputs.$findsThreads.withValue(false) {
        for _ in 0..<5 {
          let results = [try plain.step(), try ahead.step()]
          #expect(results[0] == results[1])
        }
      }
      #expect((ahead.task as? Task)?.drawnElsewhere == 0)
      #expect(try bytes(plain, folder) == bytes(ahead, folder))
    }
  }

  /// An error belongs to the step whose inputs are missing; what was done before can be saved.
  @Test func errorsComeWithTheirStep() throws {
    try withTemporaryFolder { folder in
      let (plain, ahead) = (try session(ahead: false), try session(ahead: true))
      for session in [plain, ahead] {
        (session.task as? Task)?.end = 4
        for _ in 0..<3 { _ = try session.step() }
      }
      #expect(try bytes(plain, folder) == bytes(ahead, folder))
      for session in [plain, ahead] { #expect(throws: NoMore.self) { try session.step() } }
      #expect(ahead.stepCount == 3)
      #expect(try bytes(plain, folder) == bytes(ahead, folder))
    }
  }
}
