import Foundation
import Interchange
import Recurve
import TestSupport
import Testing

@testable import Training

/// The trainer as a library user sees it.
@Suite struct TrainerTests {
  /// A line through points: `y = slope x + offset`.
  struct Line: Model {
    let slope = Weight([1], .uniform(bound: 1))
    let offset = Weight([1], .zeros)

    func step(_ inputs: Inputs) -> Step {
      let (x, y) = (inputs("x", [4]), inputs("y", [4]))
      let difference = x * slope.tensor + offset.tensor - y
      let count = inputs.state("count", .scalar)
      return Step(
        loss: (difference * difference).mean(), metrics: [("count_so_far", count)],
        updates: [("count", count + 1)])
    }
  }

  /// Points of `y = 3 x - 1`.
  static let points: [String: HostTensor] = [
    "x": HostTensor([4], [-1, 0, 1, 2] as [Float]), "y": HostTensor([4], [-4, -1, 2, 5] as [Float]),
  ]

  static func trainer(_ optimizer: Optimizer = .momentum(0.9), seed: UInt64 = 1) throws -> Trainer {
    try Trainer(Line(), optimizer: optimizer, learningRate: 0.05, seed: seed, CompilerOptions(workerCount: 1))
  }

  @Test func findsTheLine() throws {
    let trainer = try Self.trainer()
    for _ in 0..<300 { try trainer.step(Self.points) }
    let weights = trainer.weights
    #expect(abs(try #require(weights["slope"]).doubles[0] - 3) < 1e-3)
    #expect(abs(try #require(weights["offset"]).doubles[0] + 1) < 1e-3)
    #expect(trainer.stepCount == 300)
    #expect(try #require(trainer.evaluate(Self.points)["loss"]).doubles[0] < 1e-5)
  }

  /// What the loss does not depend on stays as it is: a decay would shrink it.
  @Test(arguments: [Optimizer.adamW(decay: 0.5), .momentum(decay: 0.5), .adamATan2()])
  func weightsWithoutAGradientStay(_ optimizer: Optimizer) throws {
    struct Aside: Model {
      let slope = Weight([1], .uniform(bound: 1))
      let aside = Weight([1], .uniform(bound: 1))

      func step(_ inputs: Inputs) -> Step {
        Step(loss: (inputs("x", [4]) * slope.tensor).sum(), metrics: [("aside_sum", aside.tensor.sum())])
      }
    }
    let trainer = try Trainer(
      Aside(), optimizer: optimizer.averaging(0.5), learningRate: 0.1, seed: 1, CompilerOptions(workerCount: 1))
    let before = trainer.weights
    for _ in 0..<3 { try trainer.step(["x": HostTensor([4], [1, 2, 3, 4] as [Float])]) }
    #expect(trainer.disconnectedWeights == ["aside"] && trainer.weights["aside"] == before["aside"])
    #expect(trainer.weights["slope"] != before["slope"])
  }

  @Test func ratesMustBeNumbersOfSteps() throws {
    let trainer = try Self.trainer()
    let before = trainer.weights
    func message(_ rate: Double) throws -> String {
      "\(try #require(throws: OptimizerError.self) { try trainer.step(Self.points, learningRate: rate) })"
    }
    #expect(try message(.nan) == "learning rate: base is nan, needs at least 0")
    #expect(try message(-0.1) == "learning rate: base is -0.1, needs at least 0")
    #expect(try message(1e39) == "learning rate: base is 1e+39, needs at most what f32 holds, about 3.4e38")
    #expect(trainer.weights == before && trainer.stepCount == 0)
    #expect(throws: OptimizerError.self) { try Self.trainer(.adamW().group("slope", rate: 1e39)) }
  }

  /// Half a sum of gradients is no part of another mean.
  @Test func accumulationsGoOnByTheirNumber() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/line.safetensors"
      let trainer = try Self.trainer(.momentum(0.9).accumulating(4))
      for _ in 0..<5 { try trainer.step(Self.points) }
      try trainer.save(to: path)
      let other = try Self.trainer(.momentum(0.9).accumulating(2))
      let error = try #require(throws: CheckpointError.self) { try other.load(from: path) }
      #expect(
        error.problems == [
          "it was saved after 1 of 4 steps whose gradients make one update, needs the same number, got 2"
        ])
      for _ in 0..<3 { try trainer.step(Self.points) }
      try trainer.save(to: path)
      try other.load(from: path)
      #expect(other.stepCount == 8)
    }
  }

  @Test func seedsDecideTheBits() throws {
    func slope(_ seed: UInt64) throws -> UInt32 {
      let trainer = try Self.trainer(seed: seed)
      for _ in 0..<5 { try trainer.step(Self.points) }
      return try #require(trainer.weights["slope"]).floats[0].bitPattern
    }
    #expect(try slope(1) == slope(1))
    #expect(try slope(1) != slope(2))
  }

  @Test func evaluationLeavesTrainingAlone() throws {
    let trainer = try Self.trainer()
    for _ in 0..<3 { try trainer.step(Self.points) }
    func count(_ continuing: Bool) throws -> Float {
      try #require(trainer.evaluate(Self.points, continuing: continuing)["count_so_far"]).floats[0]
    }
    #expect(try [count(false), count(true), count(true), count(false)] == [0, 1, 2, 0])
    #expect(try #require(trainer.step(Self.points)["count_so_far"]).floats[0] == 3)
  }

  @Test func evaluationUsesTheAverages() throws {
    let trainer = try Self.trainer(.gradientDescent().averaging(0.5))
    try trainer.setWeights(["slope": HostTensor([1], [0] as [Float]), "offset": HostTensor([1], [0] as [Float])])
    try trainer.step(Self.points)
    // The gradient at 0 is -2 mean(y x) and -2 mean(y).
    #expect(abs(try #require(trainer.weights["slope"]).doubles[0] - 0.05 * 8) < 1e-6)
    #expect(abs(try #require(trainer.averagedWeights["slope"]).doubles[0] - 0.025 * 8) < 1e-6)
    // The average of what stays is what stays, whatever the share is rounded to.
    let still = try Self.trainer(.gradientDescent().averaging(0.999999))
    let first = try #require(still.weights["slope"])
    for _ in 0..<100 { try still.step(Self.points, learningRate: 0) }
    #expect(still.averagedWeights["slope"] == first)
    let (slope, offset) = (0.025 * 8, 0.025 * 1)
    let squares = zip([-1.0, 0, 1, 2], [-4.0, -1, 2, 5]).map { x, y in pow(slope * x + offset - y, 2) }
    let expected = squares.reduce(0, +) / 4
    #expect(abs(try #require(trainer.evaluate(Self.points)["loss"]).doubles[0] - expected) < 1e-5)
  }

  @Test func gradientNormsAreReported() throws {
    let trainer = try Self.trainer(.gradientDescent().clipping(globalNorm: 0.5).reportingGradientNorms())
    try trainer.setWeights(["slope": HostTensor([1], [0] as [Float]), "offset": HostTensor([1], [0] as [Float])])
    let results = try trainer.step(Self.points)
    // Before clipping: -2 mean(y x) and -2 mean(y).
    #expect(abs(try #require(results["gradient_norm.slope"]).doubles[0] - 8) < 1e-5)
    #expect(abs(try #require(results["gradient_norm.offset"]).doubles[0] - 1) < 1e-5)
  }

  @Test func accumulatedStepsCountAsOneForTheSchedule() throws {
    let trainer = try Self.trainer(.gradientDescent().accumulating(2))
    try trainer.setLearningRate(LearningRate(0.05, decay: .steps(every: 1, factor: 0.5)))
    try trainer.setWeights(["slope": HostTensor([1], [0] as [Float])])
    try trainer.step(Self.points)
    #expect(try #require(trainer.weights["slope"]).floats[0] == 0)
    try trainer.step(Self.points)
    #expect(abs(try #require(trainer.weights["slope"]).doubles[0] - 0.05 * 8) < 1e-6)
  }

  @Test func schedulesAreCheckedWhenTheyAreSet() throws {
    let trainer = try Self.trainer()
    let schedule = LearningRate(0.1, decay: .steps(every: 0, factor: 0.5))
    let message = "\(try #require(throws: OptimizerError.self) { try trainer.setLearningRate(schedule) })"
    #expect(message == "learning rate: every is 0.0, needs at least 1")
    #expect(trainer.nextRate == 0.05)
  }

  @Test func checkpointsContinueBitForBit() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      let optimizer = Optimizer.adamW().accumulating(3).averaging(0.9).clipping(globalNorm: 1)
      let whole = try Self.trainer(optimizer)
      for _ in 0..<7 { try whole.step(Self.points) }
      whole.notes["place"] = "7 of 20"
      try whole.save(to: path, others: ["mine": HostTensor(.scalar, [4] as [Int32])])
      let resumed = try Self.trainer(optimizer, seed: 99)
      let others = try resumed.load(from: path)
      #expect(others == ["mine": HostTensor(.scalar, [4] as [Int32])])
      #expect(resumed.notes == ["place": "7 of 20"] && resumed.stepCount == 7)
      for trainer in [whole, resumed] { for _ in 0..<13 { try trainer.step(Self.points) } }
      try whole.save(to: path)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try resumed.save(to: path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }
  }

  @Test func checkpointsOfOtherOptionsAreRefused() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      let plain = try Self.trainer(.adamW())
      let averaged = try Self.trainer(.adamW().averaging(0.9))
      try plain.save(to: path)
      let missing = "\(try #require(throws: CheckpointError.self) { try averaged.load(from: path) })"
      #expect(missing.contains("train/average/slope is missing, needs f32[1]"))
      try averaged.save(to: path)
      let extra = "\(try #require(throws: CheckpointError.self) { try plain.load(from: path) })"
      #expect(extra.contains("train/average/slope is there, this optimizer keeps none"))
      try SafetensorsFile(tensors: [:]).write(to: path)
      let empty = "\(try #require(throws: CheckpointError.self) { try plain.load(from: path) })"
      #expect(empty.contains("its header needs a number of steps from 0 to 1073741823, got none"))
    }
  }

  @Test func inputsThatDoNotFitAreNamed() throws {
    let trainer = try Self.trainer()
    let inputs = ["x": HostTensor([3], [1, 2, 3] as [Float]), "z": HostTensor(.scalar, [1] as [Float])]
    let message = "\(try #require(throws: InputError.self) { try trainer.step(inputs) })"
    #expect(
      message == "input 'x' is f32[3], needs f32[4]\ninput 'y' is missing, needs f32[4]\n"
        + "no input is called 'z'; there are x, y")
    #expect(throws: InputError.self) { try trainer.evaluate(inputs) }
    let weights =
      "\(try #require(throws: InputError.self) { try trainer.setWeights(["x": HostTensor(.scalar, [1] as [Float])]) })"
    #expect(weights == "no weight is called 'x'; there are offset, slope")
    #expect(trainer.stepCount == 0)
  }
}
