import Differentiation
import GraphIR
import Operators
import TensorTypes
import TestSupport
import Testing

/// One sample of one operator.
struct SampleCase: CustomTestStringConvertible, CustomStringConvertible, Sendable {
  let used: Operator
  let index: Int

  static let all: [SampleCase] = OperatorTable.all.flatMap { used in
    used.samples.indices.map { SampleCase(used: used, index: $0) }
  }

  var description: String { "\(used.name) \(index)" }
  var testDescription: String { description }
  var sample: OperatorSample { used.samples[index] }
  var tensors: [HostTensor] { SampleTensors.operands(sample, seed: 7) }

  /// The operator applied to parameters; floating-point ones are weights.
  func graph() throws -> Graph {
    let builder = GraphBuilder(Graph(name: "sample"))
    for result in try apply(builder) { builder.graph.addResult(result, name: "result") }
    return builder.graph
  }

  /// The sum of the first result with distinct factors, so that every element matters; nil if it is no number.
  func weightedSum() throws -> Graph? {
    let builder = GraphBuilder(Graph(name: "sample"))
    guard let sum = Self.weightedSum(try apply(builder)[0], builder) else { return nil }
    builder.graph.addResult(sum, name: "loss")
    return builder.graph
  }

  /// The operator's results, and the gradient of their weighted sum if there is one.
  func graphWithGradients() throws -> Graph {
    let builder = GraphBuilder(Graph(name: "sample"))
    let results = try apply(builder)
    let loss = Self.weightedSum(results[0], builder)
    if let loss { builder.graph.addResult(loss, name: "loss") }
    for result in results { builder.graph.addResult(result, name: "result") }
    return loss == nil ? builder.graph : try builder.graph.withGradients()
  }

  static func weightedSum(_ result: Graph.Value, _ builder: GraphBuilder) -> Graph.Value? {
    let type = builder.type(of: result)
    guard type.elementType.isFloatingPoint else { return nil }
    let flat = builder.reshape(result, to: Shape([type.elementCount]))
    let positions = builder.convert(
      builder.iota(builder.type(of: flat).with(.int32), axis: 0), to: type.elementType)
    let factors = builder.emit1(.sine, builder.add(positions, builder.constant(1, like: positions)))
    return builder.sum(builder.multiply(flat, factors), [0])
  }

  func apply(
    _ builder: GraphBuilder, _ types: [TensorType]? = nil, _ attributes: Attributes? = nil, prefix: String = ""
  ) throws -> [Graph.Value] {
    let operands = (types ?? sample.operands).enumerated().map { index, type in
      builder.graph.addParameter(
        type, name: "\(prefix)x\(index)", role: type.elementType.isFloatingPoint ? .weight : .input)
    }
    return try builder.apply(used, operands, attributes ?? sample.attributes)
  }
}
