import Foundation
import Recurve
import Testing

@testable import Training

/// Optimizers as graph operations against PyTorch's, and AdamATan2 against the published kernel, over 100 steps.
@Suite struct OptimizerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var optimizer: Optimizer
    var testDescription: String { name }
  }

  private static let adamW = Optimizer.adamW(betas: (0.9, 0.95), decay: 0.1)

  static let cases: [Case] = [
    Case(name: "sgd", optimizer: .gradientDescent()),
    Case(name: "sgd-decay", optimizer: .gradientDescent(decay: 0.25)),
    Case(name: "momentum", optimizer: .momentum(0.9)),
    Case(name: "momentum", optimizer: .gradientDescent(momentum: 0.9)),
    Case(name: "momentum-decay", optimizer: .momentum(0.75, decay: 0.25)),
    Case(name: "nesterov", optimizer: .nesterov(0.9)),
    Case(name: "nesterov-decay", optimizer: .nesterov(0.75, decay: 0.25)),
    Case(name: "adagrad", optimizer: .adagrad()),
    Case(name: "adagrad-decay", optimizer: .adagrad(epsilon: 1e-6, initial: 0.5, decay: 0.25)),
    Case(name: "rmsprop", optimizer: .rmsProp()),
    Case(name: "rmsprop-momentum", optimizer: .rmsProp(smoothing: 0.9, momentum: 0.5, decay: 0.25)),
    Case(name: "adam", optimizer: .adam()),
    Case(name: "adam-decay", optimizer: .adam(betas: (0.8, 0.9), decay: 0.25)),
    Case(name: "adamw", optimizer: adamW),
    Case(name: "adamw-groups", optimizer: .adamW(decay: 0.5).decaying { _, shape in shape.rank > 1 }),
    Case(name: "adamw-groups", optimizer: .adamW(decay: 0.5).decaying { name, _ in name != "bias" }),
    Case(name: "sgd-clipped", optimizer: .gradientDescent().clipping(globalNorm: 0.75)),
    Case(name: "adamw-accumulated", optimizer: adamW.accumulating(4)),
    Case(
      name: "momentum-accumulated-clipped", optimizer: .momentum(0.9).accumulating(3).clipping(globalNorm: 0.5)),
    Case(name: "adamw-averaged", optimizer: adamW.averaging(0.95)),
    Case(name: "adamw-averaged-accumulated", optimizer: adamW.averaging(0.75).accumulating(4)),
    Case(name: "adam-atan2", optimizer: .adamATan2()),
    Case(name: "adam-atan2-free", optimizer: .adamATan2(betas: (0.9, 0.99), decay: 0)),
  ]

  private func largestDifference(_ optimizer: Optimizer, _ name: String, _ elementType: ElementType) throws -> Double {
    let reference = try ReferenceTrajectories.load()
    let expected = try #require(reference.trajectories[name])
    let found = try ReferenceProblem(elementType: elementType).trajectory(optimizer, steps: reference.steps)
    #expect(found.map(\.count) == expected.map(\.count))
    return zip(found.joined(), expected.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test(arguments: cases) func followsTheReference(_ used: Case) throws {
    let difference = try largestDifference(used.optimizer, used.name, .float64)
    #expect(difference < 1e-6)
  }

  /// The element type that models have; the reference is in double precision, so rounding is all that may differ.
  @Test(arguments: cases.filter { ["momentum", "adamw-averaged-accumulated", "adam-atan2"].contains($0.name) })
  func followsTheReferenceInSinglePrecision(_ used: Case) throws {
    let difference = try largestDifference(used.optimizer, used.name, .float32)
    #expect(difference < 1e-5)
  }

  @Test func everyReferenceIsUsed() throws {
    #expect(Set(Self.cases.map(\.name)) == Set(try ReferenceTrajectories.load().trajectories.keys))
  }

  @Test func updatesNeedNoCopy() throws {
    let step = try TrainingStep(ReferenceProblem(elementType: .float32).graph, .adamW())
    let text = try Compiler.plan(step.graph, CompilerOptions(workerCount: 1)).schedule.text
    #expect(!text.contains("copy"), "states are updated in place:\n\(text)")
  }

  @Test func numbersOutOfRangeAreNamed() throws {
    func message(_ optimizer: Optimizer) throws -> String {
      let graph = try TrainerTests.Line().traced(name: "line").graph
      return "\(try #require(throws: OptimizerError.self) { try TrainingStep(graph, optimizer) })"
    }
    #expect(try message(.momentum(1)) == "momentum: momentum is 1.0, needs at least 0 and less than 1")
    #expect(
      try message(.adamW(betas: (-0.1, 0.95), decay: -1))
        == "adamw: betas.0 is -0.1, needs at least 0 and less than 1; decay is -1.0, needs at least 0")
    #expect(
      try message(.adam().accumulating(1 << 24 + 1))
        == "adam: accumulating is 16777217.0, needs at most 16777216")
    #expect(
      try message(.adagrad().clipping(globalNorm: 0).accumulating(0).averaging(1))
        == "adagrad: accumulating is 0.0, needs at least 1; clipping(globalNorm:) is 0.0, needs more than 0; "
        + "averaging is 1.0, needs at least 0 and less than 1")
  }
}
