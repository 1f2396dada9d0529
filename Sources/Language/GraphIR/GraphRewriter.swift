import TensorTypes

/// Copies a graph operation by operation, letting a rule replace some of them.
///
/// The copy is renumbered in order, so that equal graphs get equal ids. Rules see operands that are already mapped.
public struct GraphRewriter {
  public private(set) var source: Graph
  public var target: Graph
  private var mapping: [Graph.Value?]
  /// The value of the source that each value of the target was first mapped from; nil where that is not recorded.
  public private(set) var origins: [Graph.Value: Graph.Value]?

  /// Replaces an operation of the source: returns its results' substitutes, or nil to have it copied.
  public typealias Rule = (inout GraphRewriter, Graph.OperationID, _ region: Graph.RegionID) -> [Graph.Value]?

  public init(_ source: Graph, recordsOrigins: Bool = false) {
    self.source = source
    origins = recordsOrigins ? [:] : nil
    target = Graph(name: source.name)
    target.scopes = source.scopes
    target.visits = source.visits
    mapping = Array(repeating: nil, count: source.values.count)
  }

  /// The graph with the rule applied to every operation, regions first to last.
  public static func rewrite(_ graph: Graph, _ rule: Rule) -> Graph {
    var rewriter = GraphRewriter(graph)
    rewriter.copyParameters()
    rewriter.copyOperations(of: Graph.body, to: Graph.body, rule)
    rewriter.copyResults()
    return rewriter.target
  }

  public subscript(value: Graph.Value) -> Graph.Value {
    get {
      guard let mapped = mapping[Int(value.index)] else { preconditionFailure("value \(value.index) is not copied") }
      return mapped
    }
    set {
      mapping[Int(value.index)] = newValue
      record(newValue, asCopyOf: value)
    }
  }

  /// Notes that a value of the target stands for one of the source, to which the mapping does not lead.
  public mutating func record(_ value: Graph.Value, asCopyOf original: Graph.Value) {
    if origins?[value] == nil { origins?[value] = original }
  }

  public mutating func copyParameters() {
    for (value, role) in zip(source.parameters, source.parameterRoles) {
      self[value] = target.addParameter(source.type(of: value), name: source[value].name ?? "", role: role)
    }
  }

  public mutating func copyResults() {
    for (value, role) in zip(source.results, source.resultRoles) {
      target[Graph.body].results.append(self[value])
      target.resultRoles.append(role)
    }
  }

  public mutating func copyOperations(of region: Graph.RegionID, to destination: Graph.RegionID, _ rule: Rule) {
    for identifier in source[region].operations {
      let results =
        rule(&self, identifier, destination) ?? copyOperation(identifier, to: destination, rule)
      for (old, new) in zip(source[identifier].results, results) {
        self[old] = new
        if target[new].name == nil { target[new].name = source[old].name }
      }
    }
  }

  /// Copies one operation with its regions and returns the results of the copy.
  public mutating func copyOperation(
    _ identifier: Graph.OperationID, to destination: Graph.RegionID, _ rule: Rule
  ) -> [Graph.Value] {
    let operation = source[identifier]
    let regions = operation.regions.map { copyRegion($0, rule) }
    let copy = target.append(
      operation.name, operation.operands.map { self[$0] }, attributes: operation.attributes, regions: regions,
      resultTypes: operation.results.map { source.type(of: $0) }, annotation: operation.annotation,
      to: destination)
    return target[copy].results
  }

  public mutating func copyRegion(_ region: Graph.RegionID, _ rule: Rule) -> Graph.RegionID {
    let copy = target.addRegion()
    for value in source[region].parameters {
      self[value] = target.addParameter(source.type(of: value), name: source[value].name, to: copy)
    }
    copyOperations(of: region, to: copy, rule)
    target[copy].results = source[region].results.map { self[$0] }
    return copy
  }
}
