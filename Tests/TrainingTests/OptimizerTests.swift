import Foundation
import Recurve
import TensorTypes
import Testing

@testable import Training

/// Optimizers as graph operations against their formulas in double precision.
@Suite struct OptimizerTests {
  /// A quadratic with a known gradient: the loss is the sum of `(w - target)^2 * scale`.
  struct Quadratic: Model {
    let w = Weight([4], .values([1, -2, 0.5, 3]))
    func step(_ inputs: Inputs) -> Step {
      let target = inputs("target", [4])
      let scale = inputs("scale", [4])
      let difference = w.tensor - target
      return Step(loss: (difference * difference * scale).sum())
    }
  }

  static let target: [Double] = [0.3, 0.1, -0.7, 0.9]
  static let scale: [Double] = [1, 0.5, 2, 0.01]

  private func run(_ optimizer: Optimizer, steps: Int, rate: Double) throws -> [Double] {
    let traced = try Quadratic().traced(name: "quadratic")
    let step = try TrainingStep(traced.graph, optimizer)
    let program = try Compiler.compile(step.graph, CompilerOptions(workerCount: 1))
    for (name, tensor) in traced.initialWeights(seed: 0) { try program.set(name, tensor) }
    for (name, tensor) in step.optimizerStates { try program.set(name, tensor) }
    try program.set("target", HostTensor(Shape([4]), Self.target.map(Float.init)))
    try program.set("scale", HostTensor(Shape([4]), Self.scale.map(Float.init)))
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(rate)]))
    for _ in 0..<steps { program.run() }
    return try program.parameter("w").doubles
  }

  private func gradient(_ w: [Double]) -> [Double] {
    w.indices.map { 2 * Self.scale[$0] * (w[$0] - Self.target[$0]) }
  }

  @Test func adamWFollowsItsFormula() throws {
    var (w, m, v) = ([1, -2, 0.5, 3], [0.0, 0, 0, 0], [0.0, 0, 0, 0])
    for t in 1...100 {
      for (i, g) in gradient(w).enumerated() {
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.95 * v[i] + 0.05 * g * g
        let (mean, variance) = (m[i] / (1 - pow(0.9, Double(t))), v[i] / (1 - pow(0.95, Double(t))))
        w[i] = w[i] * (1 - 0.01 * 0.1) - 0.01 * mean / (variance.squareRoot() + 1e-8)
      }
    }
    let found = try run(.adamW(), steps: 100, rate: 0.01)
    for (a, b) in zip(found, w) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func adamATan2FollowsThePublishedKernel() throws {
    var (w, m, v) = ([1, -2, 0.5, 3], [0.0, 0, 0, 0], [0.0, 0, 0, 0])
    for t in 1...100 {
      for (i, g) in gradient(w).enumerated() {
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.95 * v[i] + 0.05 * g * g
        let root = v[i].squareRoot() / (1 - pow(0.95, Double(t))).squareRoot()
        w[i] = w[i] * (1 - 0.01) - 0.01 / (1 - pow(0.9, Double(t))) * atan2(m[i], root)
      }
    }
    let found = try run(.adamATan2(), steps: 100, rate: 0.01)
    for (a, b) in zip(found, w) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func momentumFollowsItsFormula() throws {
    var (w, v) = ([1, -2, 0.5, 3], [0.0, 0, 0, 0])
    for _ in 1...50 {
      for (i, g) in gradient(w).enumerated() {
        v[i] = 0.9 * v[i] + g
        w[i] -= 0.01 * v[i]
      }
    }
    let found = try run(.gradientDescent(momentum: 0.9), steps: 50, rate: 0.01)
    for (a, b) in zip(found, w) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func updatesNeedNoCopy() throws {
    let step = try TrainingStep(Quadratic().traced(name: "quadratic").graph, .adamW())
    let text = Compiler.plan(step.graph, CompilerOptions(workerCount: 1)).schedule.text
    #expect(!text.contains("copy"), "states are updated in place:\n\(text)")
  }
}
