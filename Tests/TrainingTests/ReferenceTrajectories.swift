import Foundation
import Recurve

@testable import Training

/// What PyTorch does with two small weights over 100 steps, and the same problem as a graph (`reference/trajectories.py`).
struct ReferenceTrajectories: Decodable {
  /// The steps whose weights are kept, from 1.
  var steps: [Int]
  /// By case: matrix and bias, flat, after each kept step.
  var trajectories: [String: [[Double]]]
  /// By case: the rate of each step.
  var schedules: [String: [Double]]

  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("reference/trajectories.json")

  static func load() throws -> ReferenceTrajectories {
    try JSONDecoder().decode(Self.self, from: Data(contentsOf: path))
  }
}

/// The problem: the loss of step t is `sum(scale (w - target)^2) + sum(w push_t)`.
struct ReferenceProblem {
  static let rate = 1.0 / 64
  static let weights: [(name: String, shape: Shape)] = [("matrix", Shape([2, 3])), ("bias", Shape([3]))]

  let elementType: ElementType

  private func tensor(_ shape: Shape, _ number: (Int) -> Double) -> HostTensor {
    HostTensor(shape, .float64((0..<shape.elementCount).map(number))).converted(to: elementType)
  }
  func initial(_ shape: Shape) -> HostTensor { tensor(shape) { Double(5 * $0 % 7 - 3) / 4 } }
  private func target(_ shape: Shape) -> HostTensor { tensor(shape) { Double(3 * $0 % 5 - 2) / 8 } }
  private func scale(_ shape: Shape) -> HostTensor { tensor(shape) { exp2(Double($0 % 5 - 3)) } }
  func push(_ shape: Shape, _ t: Int) -> HostTensor { tensor(shape) { Double((7 * t + 3 * $0) % 11 - 5) / 16 } }

  /// The loss as a graph whose targets and scales are constants to be set.
  var graph: Graph {
    let build = GraphBuilder(Graph(name: "reference"))
    let losses = Self.weights.map { name, shape in
      let type = TensorType(elementType, shape)
      let w = build.graph.addParameter(type, name: name, role: .weight)
      let others = ["target", "scale"].map {
        build.graph.addParameter(type, name: "\($0).\(name)", role: .constant)
      }
      let push = build.graph.addParameter(type, name: "push.\(name)", role: .input)
      let difference = build.subtract(w, others[0])
      let square = build.multiply(others[1], build.multiply(difference, difference))
      return build.sum(build.add(square, build.multiply(w, push)), Array(0..<shape.rank))
    }
    build.graph.addResult(build.add(losses[0], losses[1]), name: "loss")
    return build.graph
  }

  /// The weights after each of the given steps; their running averages if the optimizer keeps them.
  func trajectory(_ optimizer: Optimizer, steps: [Int]) throws -> [[Double]] {
    let step = try TrainingStep(graph, optimizer)
    let program = try Compiler.compile(step.graph, CompilerOptions(workerCount: 1))
    for (name, state) in step.optimizerStates { try program.set(name, state) }
    for (name, shape) in Self.weights {
      try program.set(name, initial(shape))
      try program.set("target.\(name)", target(shape))
      try program.set("scale.\(name)", scale(shape))
    }
    for (weight, state) in step.averages { try program.set(state, try program.parameter(weight)) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(Self.rate)]))
    let names = step.averages.isEmpty ? Self.weights.map(\.name) : step.averages.map(\.state)
    return try (0..<(steps.last ?? 0)).compactMap { t in
      for (name, shape) in Self.weights { try program.set("push.\(name)", push(shape, t)) }
      try program.run()
      return steps.contains(t + 1) ? try names.flatMap { try program.parameter($0).doubles } : nil
    }
  }
}
