import Diagrams
import GraphIR
import TensorTypes

/// Builds graphs for pictures, with the operators' names of a real model and no regard for their rules.
struct SampleBuilder {
  var graph: Graph
  var region = Graph.body
  var role = Graph.Role.forward
  var scope = 0
  private var scopes: [String: Int] = [:]

  init(_ name: String) { graph = Graph(name: name) }

  mutating func parameter(_ name: String, _ role: ParameterRole, _ shape: Shape) -> Graph.Value {
    graph.addParameter(TensorType(.float32, shape), name: name, role: role)
  }

  /// An operation with one result; its type is that of the first operand unless said otherwise.
  mutating func apply(_ name: String, _ operands: [Graph.Value], _ shape: Shape? = nil) -> Graph.Value {
    let first = operands.first.map { graph.type(of: $0).shape }
    let type = TensorType(.float32, shape ?? first ?? .scalar)
    let identifier = graph.append(
      name, operands, resultTypes: [type], annotation: Graph.Annotation(role: role, scope: scope), to: region)
    return graph[identifier].results[0]
  }

  mutating func inScope<Result>(_ name: String, _ body: (inout SampleBuilder) -> Result) -> Result {
    let outer = scope
    let path = "\(scope)/\(name)"
    let found = scopes[path] ?? graph.addScope(name, parent: scope)
    scopes[path] = found
    scope = found
    defer { scope = outer }
    return body(&self)
  }

  /// A loop whose body gets the carries and the slices, and returns new carries and stacked outputs.
  mutating func loop(
    _ count: Int, carrying initial: [(String, Graph.Value)], slicing stacks: [Graph.Value] = [],
    isReversed: Bool = false,
    _ body: (inout SampleBuilder, [Graph.Value], [Graph.Value]) -> (
      carries: [Graph.Value], stacked: [Graph.Value]
    )
  ) -> [Graph.Value] {
    let outer = region
    region = graph.addRegion()
    _ = graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let carries = initial.map { graph.addParameter(graph.type(of: $0.1), name: $0.0, to: region) }
    let slices = stacks.map { stack in
      let shape = graph.type(of: stack).shape
      return graph.addParameter(TensorType(.float32, shape.removing([0])), to: region)
    }
    let results = body(&self, carries, slices)
    graph[region].results = results.carries + results.stacked
    let stackTypes = results.stacked.map { frame in
      let shape = graph.type(of: frame).shape
      return TensorType(.float32, Shape([count] + shape.extents, names: ["T"] + shape.names))
    }
    var attributes: Attributes = ["count": .integer(count), "carries": .integer(carries.count)]
    if isReversed { attributes["reversed"] = .flag(true) }
    let inner = region
    region = outer
    let identifier = graph.append(
      "repeat", initial.map(\.1) + stacks, attributes: attributes, regions: [inner],
      resultTypes: carries.map { graph.type(of: $0) } + stackTypes,
      annotation: Graph.Annotation(role: role, scope: scope), to: region)
    return graph[identifier].results
  }

  @Sendable static func kind(_ name: String) -> OperationKind {
    switch name {
    case "dot": .contraction
    case "sum", "maximum_reduce": .reduction
    case "reshape", "transpose", "broadcast", "slice", "concatenate", "pad": .movement
    case "gather", "scatter_add": .indexing
    case "constant", "iota": .constant
    case "repeat", "checkpoint", "call": .control
    case "softmax", "rms_norm", "swiglu", "cross_entropy", "attention", "adam_w", "rms_norm_gradient":
      .composite
    default: .elementwise
    }
  }
}
