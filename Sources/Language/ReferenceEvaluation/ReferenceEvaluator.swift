import GraphIR
import Operators
import TensorTypes

/// Runs any graph with the operators' own evaluation rules: the oracle, slow on purpose.
public struct ReferenceEvaluator {
  private let graph: Graph
  private var values: [HostTensor?]

  /// Prepares a graph; composites are evaluated through their decomposition.
  public init(_ graph: Graph) {
    self.graph = graph.decomposed()
    values = Array(repeating: nil, count: self.graph.values.count)
  }

  /// Evaluates the body.
  ///
  /// - Parameter parameters: one tensor per parameter of the graph, of its type.
  /// - Returns: One tensor per result of the graph.
  public static func evaluate(_ graph: Graph, _ parameters: [HostTensor]) -> [HostTensor] {
    var evaluator = ReferenceEvaluator(graph)
    return evaluator.run(parameters)
  }

  public mutating func run(_ parameters: [HostTensor]) -> [HostTensor] {
    precondition(
      parameters.count == graph.parameters.count && zip(parameters, graph.parameters).allSatisfy { fits($0, $1) },
      "parameters of types \(parameters.map(\.summary)) for \(graph.parameters.map { graph.type(of: $0) })")
    return run(Graph.body, parameters)
  }

  private mutating func run(_ region: Graph.RegionID, _ parameters: [HostTensor]) -> [HostTensor] {
    for (value, tensor) in zip(graph[region].parameters, parameters) { values[Int(value.index)] = tensor }
    for identifier in graph[region].operations {
      let operation = graph[identifier]
      for (value, tensor) in zip(operation.results, evaluate(operation)) {
        precondition(fits(tensor, value), "\(operation.name) gave \(tensor.summary) for \(graph.type(of: value))")
        values[Int(value.index)] = tensor
      }
    }
    return graph[region].results.map { self[$0] }
  }

  private mutating func evaluate(_ operation: Graph.Operation) -> [HostTensor] {
    switch operation.used.semantics {
    case .primitive(let evaluate, _, _):
      evaluate(
        EvaluationContext(
          operands: operation.operands.map { self[$0] }, attributes: operation.attributes,
          results: operation.results.map { graph.type(of: $0) }))
    case .loop: runLoop(Repeat(operation, in: graph))
    case .checkpoint: run(operation.regions[0], [])
    case .composite: preconditionFailure("composite \(operation.name) was not decomposed")
    }
  }

  private mutating func runLoop(_ loop: Repeat) -> [HostTensor] {
    var carries = loop.initialCarries.map { self[$0] }
    let stacked = loop.stackedInputs.map { self[$0] }
    var outputs: [[HostTensor]] = Array(repeating: [], count: loop.stackedOutputs.count)
    let count = loop.runTimeCount.map { min(max(Int(self[$0].integers[0]), 0), loop.count) } ?? loop.count
    for iteration in 0..<count {
      let step = loop.isReversed ? loop.count - 1 - iteration : iteration
      let slices = stacked.map { $0.slice(step) }
      let results = run(loop.region, [HostTensor(.scalar, [Int32(step)])] + carries + slices)
      carries = Array(results.prefix(loop.carryCount))
      for (index, output) in results.dropFirst(loop.carryCount).enumerated() { outputs[index].append(output) }
    }
    let types = loop.stacks.map { graph.type(of: $0) }
    return carries
      + zip(outputs, types).map { outputs, type in
        HostTensor(stacking: loop.isReversed ? outputs.reversed() : outputs, as: type)
      }
  }

  private func fits(_ tensor: HostTensor, _ value: Graph.Value) -> Bool { tensor.fits(graph.type(of: value)) }

  private subscript(value: Graph.Value) -> HostTensor {
    guard let tensor = values[Int(value.index)] else { preconditionFailure("value \(value.index) is not evaluated") }
    return tensor
  }
}
