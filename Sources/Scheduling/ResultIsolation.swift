import GraphIR
import Operators

extension Graph {
  /// The graph in which every result of a region is computed in that region and named once.
  ///
  /// A carry that passes unchanged, two carries that swap, a captured value that is returned: each gets a copy, so that
  /// results can be placed without regard to each other. The base of a scatter that others also read is copied too.
  func isolatingResults() -> Graph {
    var graph = self
    for index in graph.regions.indices { graph.isolateResults(of: RegionID(index)) }
    return GraphRewriter.rewrite(graph) { _, _, _ in nil }
  }

  private mutating func isolateResults(of region: RegionID) {
    var taken: Set<Value> = []
    for (position, value) in self[region].results.enumerated() {
      let source = viewSource(value)
      let isOwn = definingOperation(of: source) != nil && self[source].region == region
      if isOwn && taken.insert(source).inserted { continue }
      let copy = append(
        Operator.copy.name, [value], resultTypes: [type(of: value)],
        annotation: annotation(of: value), to: region)
      self[region].results[position] = self[copy].results[0]
    }
  }

  private func viewSource(_ value: Value) -> Value {
    var current = value
    while let identifier = definingOperation(of: current),
      case .primitive(_, let lower) = self[identifier].used.semantics,
      case .view = lower(signature(of: self[identifier]))
    {
      current = self[identifier].operands[0]
    }
    return current
  }

  private func annotation(of value: Value) -> Annotation {
    definingOperation(of: value).map { self[$0].annotation } ?? Annotation()
  }
}
