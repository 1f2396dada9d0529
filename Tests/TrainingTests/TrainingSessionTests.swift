import Foundation
import Puzzles
import Recurve
import TensorTypes
import TestSupport
import Testing
import TinyRecursion

/// Training the Tiny Recursive Model: it learns, and a resumed run continues bit for bit.
@Suite struct TrainingSessionTests {
  static func session(_ seed: UInt64 = 3) throws -> TrainingSession {
    let task = try TinyRecursion.family.make(ModelOptions(preset: "nano", batch: 8, depth: 2, seed: seed))
    return try TrainingSession(task, optimizer: .adamW(), seed: seed, CompilerOptions(workerCount: 1))
  }

  static func loss(_ session: TrainingSession) throws -> Float {
    try session.step(learningRate: 1e-3)["loss"]?.floats[0] ?? .nan
  }

  @Test func lossFalls() throws {
    let session = try Self.session()
    let losses = try (0..<160).map { _ in try Self.loss(session) }
    let (early, late): (Float, Float) = (losses.prefix(10).reduce(0, +), losses.suffix(10).reduce(0, +))
    #expect(late < 0.8 * early)
  }

  @Test func resumedRunContinuesBitForBit() throws {
    try withTemporaryFolder { folder in
      let whole = try Self.session()
      var expected: [Float] = []
      for step in 0..<30 {
        expected.append(try Self.loss(whole))
        if step == 16 { try whole.save(to: folder + "/checkpoint.safetensors") }
      }
      let resumed = try Self.session()
      try resumed.load(from: folder + "/checkpoint.safetensors")
      #expect(resumed.stepCount == 17)
      let found = try (17..<30).map { _ in try Self.loss(resumed) }
      #expect(found.map(\.bitPattern) == expected.dropFirst(17).map(\.bitPattern))
    }
  }

  /// What a session of other options says of a checkpoint.
  private static func refusal(_ options: ModelOptions, _ optimizer: Optimizer) throws -> String {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      try session().save(to: path)
      let other = try TrainingSession(
        TinyRecursion.family.make(options), optimizer: optimizer, seed: 0, CompilerOptions(workerCount: 1))
      let error = #expect(throws: CheckpointError.self) { try other.load(from: path) }
      return error.map { "\($0)" } ?? ""
    }
  }

  @Test func checkpointOfOtherShapesIsRefused() throws {
    let text = try Self.refusal(ModelOptions(preset: "micro", batch: 2, depth: 2), .adamW())
    #expect(text.contains("is not a checkpoint of this model"))
    #expect(text.contains("readout.weight is f32[6, 64], needs f32[8, 128]"))
  }

  @Test func checkpointOfAnotherOptimizerIsRefused() throws {
    let text = try Self.refusal(ModelOptions(preset: "nano", batch: 8, depth: 2), .adamATan2())
    #expect(text.contains("it was trained with adamw, needs adam-atan2"))
  }

  @Test func optionsThatDoNotFitAreNamed() throws {
    func message(_ options: ModelOptions) -> String {
      do {
        _ = try TinyRecursion.family.make(options)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(ModelOptions(preset: "huge"))
        == """
        no preset is called 'huge'; there are nano, micro, mini, small, reference, maze, maze-reference, arc, arc-reference
        """)
    #expect(
      message(ModelOptions(variant: "rnn")) == "no variant is called 'rnn'; there are attention, mixer, convolution")
    #expect(message(ModelOptions(batch: 0)) == "batch must be at least 1, got 0")
    #expect(message(ModelOptions(depth: 0)) == "depth must be at least 1, got 0")
    #expect(message(ModelOptions(dataPath: "/nowhere/x.csv")).contains("/nowhere/x.csv"))
    #expect(message(ModelOptions(dataPath: NSTemporaryDirectory())).contains(NSTemporaryDirectory()))
  }
}
