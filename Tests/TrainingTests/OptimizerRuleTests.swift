import Foundation
import Interchange
import Recurve
import TestSupport
import Testing

/// Rules that a user writes in the DSL.
@Suite struct OptimizerRuleTests {
  /// Lion (Chen et al. 2023): the sign of a running mean moves the weight, another running mean is kept.
  struct Lion: OptimizerRule {
    let name = "lion"
    var betas = (0.9, 0.99)
    var decay: Double? = 0

    var settings: [OptimizerSetting] { [.share("betas.0", betas.0), .share("betas.1", betas.1)] }

    func update(_ step: WeightUpdate) -> Tensor {
      let mean = step.state("lion.mean")
      let direction = sign(mean.blended(with: step.gradient, keeping: betas.0))
      mean.next = mean.blended(with: step.gradient, keeping: betas.1)
      return step.decayed - step.rate * direction
    }
  }

  /// The gradient of `w` is the input.
  struct Pushed: Model {
    let w = Weight([2], .values([1, -2]))
    func step(_ inputs: Inputs) -> Step { Step(loss: (w.tensor * inputs("push", [2])).sum()) }
  }

  static func trainer(_ optimizer: Optimizer) throws -> Trainer {
    try Trainer(Pushed(), optimizer: optimizer, learningRate: 0.125, CompilerOptions(workerCount: 1))
  }

  private func push(_ a: Float, _ b: Float) -> [String: HostTensor] { ["push": HostTensor([2], [a, b])] }

  @Test func lionMovesAsByHand() throws {
    let trainer = try Self.trainer(Optimizer(Lion(betas: (0.5, 0.75), decay: 0.5)))
    // The mean is 0: the signs are those of the gradient, the weight shrinks by 1/16.
    try trainer.step(push(4, -8))
    let expected1: [Float] = [1 - 0.0625 - 0.125, -2 + 0.125 + 0.125]
    #expect(trainer.weights["w"]?.floats == expected1)
    // The mean is (1, -2); blended with the gradient it is (0.25, 1).
    try trainer.step(push(-0.5, 4))
    let expected2: [Float] = [0.8125 * 0.9375 - 0.125, -1.75 * 0.9375 - 0.125]
    #expect(trainer.weights["w"]?.floats == expected2)
    try withTemporaryFolder { folder in
      try trainer.save(to: folder + "/lion.safetensors")
      let file = try SafetensorsFile(path: folder + "/lion.safetensors")
      #expect(file.tensors["train/lion.mean/w"]?.floats == [0.625, -0.5])
      #expect(file.metadata["optimizer"] == "lion")
    }
  }

  @Test func checkpointsOfARuleContinueBitForBit() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.safetensors"
      let optimizer = Optimizer(Lion(decay: 0.1)).accumulating(2).averaging(0.9).clipping(globalNorm: 1)
      let whole = try Self.trainer(optimizer)
      for step in 0..<5 { try whole.step(push(Float(step % 3) - 1, 0.5)) }
      try whole.save(to: path)
      let resumed = try Self.trainer(optimizer)
      try resumed.load(from: path)
      for trainer in [whole, resumed] { for step in 5..<12 { try trainer.step(push(Float(step % 3) - 1, 0.5)) } }
      try whole.save(to: path)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try resumed.save(to: path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
      let other = "\(try #require(throws: CheckpointError.self) { try Self.trainer(.adam()).load(from: path) })"
      #expect(other.contains("it was trained with lion, needs adam"))
    }
  }

  /// A rule of a test's.
  struct Drafted: OptimizerRule {
    let name = "drafted"
    let body: @Sendable (WeightUpdate) -> Tensor
    func update(_ step: WeightUpdate) -> Tensor { body(step) }
  }

  private func message(_ body: @escaping @Sendable (WeightUpdate) -> Tensor) -> String {
    do {
      _ = try Self.trainer(Optimizer(Drafted(body: body)))
      return ""
    } catch { return "\(error)" }
  }

  /// Adafactor's row sums, for example: a state of another shape, a loop inside.
  @Test func rulesMayHaveStatesOfAnyShapeAndLoops() throws {
    let rule = Drafted { step in
      let sum = step.state("sum", shape: .scalar, initial: 2)
      sum.next = sum + step.gradient.sum()
      return step.weight - recur(3, carrying: sum.next) { $0 + 1 }
    }
    let trainer = try Self.trainer(Optimizer(rule))
    try trainer.step(push(4, -8))
    #expect(trainer.weights["w"]?.floats == [0, -3])
  }

  @Test func mistakesOfARuleAreToldWithItsLine() {
    let file = "TrainingTests/OptimizerRuleTests.swift"
    let line = #line + 1
    let sum = message { $0.weight + .constant(1, [3]) }
    #expect(sum.hasPrefix("\(file):\(line): add.1: operands must have one shape"))
    let scalar = message { $0.weight.sum() }
    #expect(scalar == "\(file):\(line + 2): drafted: the next value of weight 'w' is f32[], needs f32[2]")
    let state = message { step in
      let mean = step.state("mean")
      mean.next = mean.sum()
      return step.weight
    }
    #expect(
      state == "\(file):\(line + 6): drafted: the state 'mean' of weight 'w', in the next step, is f32[], needs f32[2]")
    #expect(
      message { step in step.weight + step.state("mean") }.contains(
        "drafted: the state 'mean' of weight 'w' needs a next value"))
    let twice = message { step in
      for _ in 0..<2 {
        let mean = step.state("mean")
        mean.next = mean * 0.5
      }
      return step.weight
    }
    #expect(twice.contains("drafted: the state 'mean' of weight 'w' is kept already"))
    #expect(
      message { step in step.weight + step.state("a/b") }.contains(
        "drafted: the state 'a/b' of weight 'w' needs a name of at least one letter and no '/'"))
    #expect(
      message { step in step.weight * step.biasCorrection("c", 0.5) * step.biasCorrection("c", 0.25) }.contains(
        "drafted: the bias correction 'c' has the factors 0.5 and 0.25, needs one"))
    #expect(
      message { step in step.weight * step.biasCorrection("", 0.5) }.contains(
        "drafted: the bias correction '' needs a name of at least one letter and no '/'"))
    #expect(
      message { $0.weight + .values([1, 2] as [Float], [2]) }.contains(
        "numbers of a rule's own are made by 'Tensor.constant', got values f32[2]"))
  }

  @Test func numbersOfARuleAreChecked() throws {
    let wrong =
      "\(try #require(throws: OptimizerError.self) { try Self.trainer(Optimizer(Lion(betas: (1, 0), decay: -1))) })"
    #expect(wrong == "lion: betas.0 is 1.0, needs at least 0 and less than 1; decay is -1.0, needs at least 0")
  }
}
