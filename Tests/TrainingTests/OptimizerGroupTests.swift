import Foundation
import Recurve
import TestSupport
import Testing

@testable import Training

/// Several rules over the weights of one step.
@Suite struct OptimizerGroupTests {
  private static let steps = [1, 2, 50]

  private func trajectory(_ optimizer: Optimizer) throws -> (matrix: [[Double]], bias: [[Double]]) {
    let whole = try ReferenceProblem(elementType: .float32).trajectory(optimizer, steps: Self.steps)
    return (whole.map { Array($0[..<6]) }, whole.map { Array($0[6...]) })
  }

  /// The two weights of the problem do not touch each other, so each moves as if its rule were that of both.
  @Test(arguments: [
    (Optimizer.adagrad(), Optimizer.adamW()), (.adamW(betas: (0.5, 0.75)), .adam(decay: 0.25)),
    (.nesterov(0.5), .momentum()),
  ])
  func eachWeightFollowsItsRule(_ bias: Optimizer, _ matrix: Optimizer) throws {
    let found = try trajectory(matrix.group("bias", bias))
    #expect(try found.matrix == trajectory(matrix).matrix)
    #expect(try found.bias == trajectory(bias).bias)
  }

  @Test func statesAreThoseOfTheRuleOnly() throws {
    let optimizer = Optimizer.adamW().group("bias", .adagrad()).group("matrix", decay: 0)
    let step = try TrainingStep(ReferenceProblem(elementType: .float32).graph, optimizer)
    let expected = ["adam.power1", "adam.power2", "adam.m.matrix", "adam.v.matrix", "adagrad.sum.bias"]
    #expect(step.optimizerStates.map(\.name) == expected)
    let own = try TrainingStep(
      ReferenceProblem(elementType: .float32).graph, .adam().group("bias", .adam())
    )
    .initialStates.map { $0.slot.key(of: "t") }
    #expect(own.contains("t/adam.power1") && own.contains("t/adam.power1/bias"))
  }

  @Test func theFirstGroupCounts() throws {
    let found = try trajectory(.gradientDescent(decay: 0.5).group("bias", decay: 0.25).group("**", decay: 0))
    #expect(try found.matrix == trajectory(.gradientDescent()).matrix)
    #expect(try found.bias == trajectory(.gradientDescent(decay: 0.25)).bias)
    // A group's decay is that of its weights, whatever the predicate says.
    let never = Optimizer.gradientDescent(decay: 0.5).decaying { _, _ in false }.group("bias", decay: 0.25)
    #expect(try trajectory(never).bias == found.bias && trajectory(never).matrix == found.matrix)
  }

  struct Two: Model {
    let a = Weight([2], .values([1, -2]))
    let b = Weight([2], .values([4, 8]))
    func step(_ inputs: Inputs) -> Step { Step(loss: (a.tensor * b.tensor).sum()) }
  }

  /// The same with a constant in place of a weight.
  struct Half: Model {
    let a = Weight.constant([2], .values([1, -2]))
    let b = Weight([2], .values([4, 8]))
    func step(_ inputs: Inputs) -> Step { Step(loss: (a.tensor * b.tensor).sum()) }
  }

  private func trainer(_ optimizer: Optimizer, _ rate: LearningRate = 0.5) throws -> Trainer {
    try Trainer(Two(), optimizer: optimizer, learningRate: rate, CompilerOptions(workerCount: 1))
  }

  @Test func ratesAreFactorsOrSchedules() throws {
    let schedule = LearningRate(0.25, decay: .steps(every: 1, factor: 0.5))
    let trainer = try trainer(.gradientDescent().group("a", rate: 0.25).group("b", rate: .schedule(schedule)))
    try trainer.step([:])
    let expected1: [Float] = [1 - 0.125 * 4, -2 - 0.125 * 8]
    #expect(trainer.weights["a"]?.floats == expected1)
    let expected2: [Float] = [4 - 0.25 * 1, 8 + 0.25 * 2]
    #expect(trainer.weights["b"]?.floats == expected2)
    let a = try #require(trainer.weights["a"]).floats
    try trainer.step([:], learningRate: 0)
    #expect(trainer.weights["a"]?.floats == a)
    let expected3: [Float] = [3.75 - 0.125 * 0.5, 8.5 + 0.125 * 3]
    #expect(trainer.weights["b"]?.floats == expected3)
  }

  @Test func frozenWeightsAreConstants() throws {
    for optimizer in [Optimizer.adamW().group("a", .frozen), .frozen.group("b", .adamW())] {
      let trainer = try trainer(optimizer.averaging(0.5).clipping(globalNorm: 1))
      for _ in 0..<3 { try trainer.step([:]) }
      #expect(trainer.weights["a"]?.floats == [1, -2])
      #expect(trainer.weights["b"]?.floats != [4, 8])
      #expect(trainer.kept.map(\.key).filter { $0.hasSuffix("/a") } == [])
    }
    let step = try TrainingStep(Two().traced(name: "two").graph, .gradientDescent().group("a", .frozen))
    let constant = try TrainingStep(Half().traced(name: "two").graph, .gradientDescent())
    #expect(step.graph.description == constant.graph.description)
  }

  /// Evaluation then uses the weights themselves, and files hold no averages of them.
  @Test func groupsMayBeLeftOutOfAverages() throws {
    let optimizer = Optimizer.gradientDescent().group("a", averaged: false)
    let trainer = try trainer(optimizer.averaging(0.5))
    try trainer.step([:])
    let (a, b): ([Float], [Float]) = ([1 - 0.5 * 4, -2 - 0.5 * 8], [4 - 0.25 * 1, 8 + 0.25 * 2])
    #expect(trainer.weights["a"]?.floats == a && trainer.averagedWeights["a"]?.floats == a)
    #expect(trainer.averagedWeights["b"]?.floats == b && trainer.weights["b"]?.floats != b)
    let loss = a[0] * b[0] + a[1] * b[1]
    #expect(try trainer.evaluate([:])["loss"]?.floats == [loss])
    #expect(trainer.kept.map(\.key).filter { $0.contains("average") } == ["train/average/b"])
    // Nobody needs averages to leave some out.
    let without = try self.trainer(optimizer)
    try without.step([:])
    #expect(without.weights == trainer.weights && without.averagedWeights == without.weights)
  }

  @Test func checkpointsWithOtherAveragesAreRefused() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      let (all, some) = (Optimizer.adamW().averaging(0.5), Optimizer.adamW().averaging(0.5).group("a", averaged: false))
      func message(_ saved: Optimizer, _ loaded: Optimizer) throws -> String {
        try trainer(saved).save(to: path)
        return "\(try #require(throws: CheckpointError.self) { try trainer(loaded).load(from: path) })"
      }
      let (kept, missing) = (try message(all, some), try message(some, all))
      #expect(kept.hasSuffix("  train/average/a is there, this optimizer keeps none"))
      #expect(missing.hasSuffix("  train/average/a is missing, needs f32[2]"))
    }
  }

  @Test func checkpointsAreOfTheRules() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      let optimizer = Optimizer.adamW().group("a", .adam(betas: (0.5, 0.5)), rate: 2).group("b", decay: 0)
      let whole = try trainer(optimizer)
      for _ in 0..<5 { try whole.step([:]) }
      try whole.save(to: path)
      let resumed = try trainer(optimizer)
      try resumed.load(from: path)
      for trainer in [whole, resumed] { for _ in 0..<5 { try trainer.step([:]) } }
      try whole.save(to: path)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try resumed.save(to: path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
      let other = "\(try #require(throws: CheckpointError.self) { try trainer(.adamW()).load(from: path) })"
      #expect(other.contains("it was trained with adamw, adam (a), needs adamw"))
    }
  }

  @Test func groupsThatDoNotFitAreNamed() throws {
    func message(_ optimizer: Optimizer) throws -> String {
      "\(try #require(throws: OptimizerError.self) { try trainer(optimizer) })"
    }
    #expect(
      try message(.adamW().group("c.**", .adagrad()).group("a").group("*").group("b", decay: 0))
        == "adamw, adagrad (c.**): group 'c.**': no weight is called so; there are a, b; "
        + "group 'b': all weights that it matches are in groups before it")
    #expect(try message(.frozen.group("a", .frozen)) == "frozen, frozen (a): all weights are frozen: a, b")
    #expect(
      try message(.adamW().group("a", .adagrad(epsilon: -1), rate: -2))
        == "adamw, adagrad (a): group 'a': epsilon is -1.0, needs at least 0; group 'a': rate is -2.0, needs at least 0"
    )
    #expect(
      try message(.adamW().group("a", .frozen, rate: 2, decay: -1))
        == "adamw, frozen (a): group 'a': decay is -1.0, needs at least 0; "
        + "group 'a': decay is set, but frozen has none; group 'a': rate is set, but its weights are frozen")
    #expect(
      try message(.adamW().group("a", .frozen, averaged: false))
        == "adamw, frozen (a): group 'a': averaged is set, but its weights are frozen")
    #expect(
      try message(.adamW().group("a", .adam().clipping(globalNorm: 1)))
        == "adamw, adam (a): group 'a': adam has options of a whole optimizer: set them on that")
    #expect(
      try message(.adamW().group("a", rate: .schedule(LearningRate(1, decay: .steps(every: 0, factor: 1)))))
        == "adamw: group 'a': rate: every is 0.0, needs at least 1")
  }
}
