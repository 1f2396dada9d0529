import Differentiation
import GraphIR
import Operators
import ReferenceEvaluation
import TensorTypes
import TestSupport

/// Compares the gradient of a graph's first result with central differences along random directions, in double precision.
///
/// Programs have kinks: where differences over two distances disagree, nothing is concluded. Nor is anything where the loss is so
/// large that differences are those of its rounding.
struct GradientComparison {
  private let graph: Graph
  private let tensors: [HostTensor]
  private let fault: PlantedFault?

  init(_ graph: Graph, _ data: RandomData, _ fault: PlantedFault?) {
    self.graph = graph.throughWhichEveryGradientFlows().inDoublePrecision()
    self.fault = fault
    tensors = data.tensors(for: graph).map { $0.elementType == .float32 ? $0.converted(to: .float64) : $0 }
  }

  func problems() throws -> [String] {
    var differentiated = try graph.differentiated()
    fault?.plant(intoBackward: &differentiated.graph)
    let gradients = ReferenceEvaluator.evaluate(differentiated.graphOfGradients, tensors)
    let weights = graph.parameterRoles.indices.filter { graph.parameterRoles[$0] == .weight }
    // The reference evaluation is slow on purpose.
    let count = Self.mostWork / max(graph.evaluationWork(of: Graph.body), 1)
    return zip(weights, gradients).prefix(count).compactMap { problem(weight: $0, gradient: $1.doubles) }
  }

  /// Elements that the losses of all differences may compute, all weights together.
  private static let mostWork = 1_000_000

  private func problem(weight: Int, gradient: [Double]) -> String? {
    if gradient.isEmpty { return nil }
    var random = CounterRandom(seed: UInt64(weight))
    let direction = gradient.map { _ in random.uniform() < 0.5 ? -1.0 : 1.0 }
    let found = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
    // Beside slopes that are numbers, a gradient that is none is wrong by any scale.
    let scale = zip(gradient, direction).reduce(1) { $1.0.isFinite ? $0 + abs($1.0 * $1.1) : $0 }
    let differences = [1e-5, 5e-6, 2.5e-6].map { slope(weight, direction, $0) }
    let rounding = abs(loss(weight, direction, 0)).ulp * 16 / 2.5e-6
    guard differences.allSatisfy(\.isFinite), rounding < 1e-4 * scale else { return nil }
    let spread = (differences.max() ?? 0) - (differences.min() ?? 0)
    // Of the two one-sided slopes at a kink the central difference is the mean, at any distance.
    let sides = [1.0, -1.0].map { side($0, weight, direction, 2e-6) }
    guard spread < 1e-5 * scale, abs(sides[0] - sides[1]) < 1e-2 * scale,
      !(abs(found - differences[1]) <= 1e-4 * scale)
    else { return nil }
    let name = graph[graph.parameters[weight]].name ?? ""
    return "the gradient of \(name) along a direction is \(found), central differences are \(differences)"
  }

  private func slope(_ weight: Int, _ direction: [Double], _ step: Double) -> Double {
    (loss(weight, direction, step) - loss(weight, direction, -step)) / (2 * step)
  }

  private func side(_ sign: Double, _ weight: Int, _ direction: [Double], _ step: Double) -> Double {
    (loss(weight, direction, sign * step) - loss(weight, direction, 0)) / (sign * step)
  }

  private func loss(_ weight: Int, _ direction: [Double], _ step: Double) -> Double {
    var shifted = tensors
    let elements = zip(tensors[weight].doubles, direction).map { $0 + step * $1 }
    shifted[weight] = HostTensor(tensors[weight].shape, .float64(elements))
    return ReferenceEvaluator.evaluate(graph, shifted)[0].doubles[0]
  }
}

extension Graph {
  /// The graph with every loop in full, as often as its bound says, and nothing that stops gradients.
  fileprivate func throughWhichEveryGradientFlows() -> Graph {
    var graph = withGradientModes { _ in .full }
    for index in graph.operations.indices {
      if graph.operations[index].name == Operator.stopGradient.name {
        graph.operations[index].name = Operator.copy.name
      }
      if graph.operations[index].attributes.flag("bounded") {
        graph.operations[index].attributes["bounded"] = nil
        graph.operations[index].operands.removeLast()
      }
    }
    return graph
  }
}

extension Graph {
  /// Elements that one evaluation of a region computes or, in products, multiplies.
  fileprivate func evaluationWork(of region: RegionID) -> Int {
    self[region].operations.reduce(0) { total, identifier in
      let operation = self[identifier]
      let own = (operation.operands + operation.results).reduce(0) { $0 + type(of: $1).elementCount }
      let inner = operation.regions.reduce(0) { $0 + evaluationWork(of: $1) }
      return total + own * productLength(operation) + inner
        * (operation.attributes["count"] == nil ? 1 : operation.attributes.integer("count"))
    }
  }

  /// How many products make an element of a contraction; 1 for every other operation.
  private func productLength(_ operation: Operation) -> Int {
    guard case .primitive(_, let lower, _) = operation.used.semantics,
      case .contraction(let axes) = lower(signature(of: operation))
    else { return 1 }
    let shape = type(of: operation.operands[0]).shape
    return axes.leftInner.reduce(1) { $0 * shape[$1] }
  }
}
