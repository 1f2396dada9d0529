import GraphIR
import Operators

extension Graph {
  /// The graph in which every result of a region is computed in that region and named once, and no two carries of a loop
  /// begin with one constant.
  ///
  /// A carry that passes unchanged, two carries that swap, a captured value that is returned: each gets a copy, so that
  /// results can be placed without regard to each other. What a loop stacks of a carry gets none: it has a `CarryHistory`.
  func isolatingResults() -> Graph {
    var graph = self
    var kept: [RegionID: [Int: Int]] = [:]
    forEachOperation { identifier, _ in
      if case .loop = self[identifier].used.semantics { kept[self[identifier].regions[0]] = keptCarries(identifier) }
    }
    for index in graph.regions.indices {
      graph.isolateResults(of: RegionID(index), kept: kept[RegionID(index)] ?? [:])
    }
    return GraphRewriter.rewrite(graph, Self.isolateConstants)
  }

  /// - Parameter kept: positions of results that are stacked and are a carry, with the position of the carry's next value,
  ///   which must be a value of its own for that.
  private mutating func isolateResults(of region: RegionID, kept: [Int: Int]) {
    var taken: Set<Value> = []
    var own: Set<Int> = []
    for (position, value) in self[region].results.enumerated() {
      if let carry = kept[position], own.contains(carry) { continue }
      let source = viewSource(value)
      let isOwn = definingOperation(of: source) != nil && self[source].region == region
      if isOwn && taken.insert(source).inserted {
        own.insert(position)
        continue
      }
      let copy = append(
        Operator.copy.name, [value], resultTypes: [type(of: value)],
        annotation: annotation(of: value), to: region)
      self[region].results[position] = self[copy].results[0]
    }
  }

  /// The value whose bytes a value may have: what moves all elements may leave them where they are.
  func viewSource(_ value: Value) -> Value {
    var current = value
    while let identifier = definingOperation(of: current), let operand = self[identifier].operands.first,
      [.movement, .control].contains(self[identifier].used.kind), self[identifier].regions.isEmpty,
      type(of: operand).elementCount == type(of: current).elementCount
    {
      current = operand
    }
    return current
  }

  private func annotation(of value: Value) -> Annotation {
    definingOperation(of: value).map { self[$0].annotation } ?? Annotation()
  }

  /// Each carry that begins with a constant gets its own, which can be written where the carry will be.
  private static func isolateConstants(
    _ rewriter: inout GraphRewriter, _ identifier: OperationID, _ region: RegionID
  ) -> [Value]? {
    let operation = rewriter.source[identifier]
    guard case .loop = operation.used.semantics else { return nil }
    let own = Repeat(operation, in: rewriter.source).initialCarries.map { value in
      rewriter.source.definingOperation(of: value).flatMap { maker -> Value? in
        let constant = rewriter.source[maker]
        guard constant.used.kind == .constant, constant.operands.isEmpty else { return nil }
        let copy = rewriter.target.append(
          constant.name, [], attributes: constant.attributes, resultTypes: [rewriter.source.type(of: value)],
          annotation: constant.annotation, to: region)
        return rewriter.target[copy].results[0]
      }
    }
    let results = rewriter.copyOperation(identifier, to: region, isolateConstants)
    // A loop without results has no carries.
    guard let loop = results.first.flatMap(rewriter.target.definingOperation) else { return results }
    for (position, value) in own.enumerated() {
      if let value { rewriter.target[loop].operands[position] = value }
    }
    return results
  }
}
