import GraphIR
import Operators
import TensorTypes

/// A graph written in StableHLO: loops stay loops, states and weights are replaced in place, results keep their order.
///
/// Numbers differ from the language's own in the order of sums and in functions that a processor's library has; movement,
/// whole numbers and random draws are the same to the bit.
public struct StableHLOProgram: Sendable {
  public let text: String
  /// What the function `main` takes, in order.
  public let parameters: [Port]
  /// What it returns, in order.
  public let results: [Port]

  /// A parameter or a result.
  public struct Port: Sendable, Hashable, Codable {
    public var name: String
    /// Of parameters: input, weight, constant, state or values.
    public var kind: String?
    public var element_type: String
    public var shape: [Int]
    /// Of a result, the position of the parameter whose memory it takes for the next call; of such a parameter, that of the
    /// result.
    public var alias: Int?
  }

  /// - Parameter graph: without composites, as passes leave it.
  public init(_ graph: Graph) {
    let writer = StableHLOWriter(graph)
    let aliases = graph.resultRoles.indices.reduce(into: [Int: Int]()) { aliases, position in
      guard let parameter = graph.resultRoles[position].updatedParameter, aliases[parameter] == nil else { return }
      aliases[parameter] = position
    }
    text = writer.module(aliases: aliases)
    parameters = graph.parameters.enumerated().map { position, value in
      Port(
        graph[value].name ?? "", kind: graph.parameterRoles[position].rawValue, graph.type(of: value),
        alias: aliases[position])
    }
    results = zip(graph.results, graph.resultRoles).map { value, role in
      Port(role.name, kind: nil, graph.type(of: value), alias: role.updatedParameter)
    }
  }
}

extension StableHLOProgram.Port {
  fileprivate init(_ name: String, kind: String?, _ type: TensorType, alias: Int?) {
    self.init(
      name: name, kind: kind, element_type: type.elementType.rawValue, shape: type.shape.extents, alias: alias)
  }
}
