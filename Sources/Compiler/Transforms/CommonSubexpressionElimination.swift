import GraphIR
import Operators

extension Pass {
  /// Computes each distinct operation once.
  ///
  ///     %2 = multiply %0, %1
  ///     %3 = multiply %0, %1
  ///     %4 = add %2, %3
  /// ->
  ///     %2 = multiply %0, %1
  ///     %3 = add %2, %2
  ///
  /// Every operation is pure, so equal operations have equal results. Operations with regions are left alone, and the
  /// forward part does not share with the backward part: sharing would keep a value alive that is cheap to compute
  /// again. Recomputation hangs on anchors or on states in a stack, so it never equals what it repeats,
  /// but for draws of random numbers outside of loops, which are kept.
  public static let commonSubexpressionElimination: Pass = Pass("common-subexpression-elimination") { graph in
    var seen: [Expression: [Graph.Value]] = [:]
    return GraphRewriter.rewrite(graph) { rewriter, identifier, region in
      let operation = rewriter.source[identifier]
      guard operation.regions.isEmpty else { return nil }
      let key = Expression(operation, operands: operation.operands.map { rewriter[$0] })
      if let found = seen[key], rewriter.target.isVisible(found[0], from: region) { return found }
      let results = rewriter.copyOperation(identifier, to: region) { _, _, _ in nil }
      seen[key] = results
      return results
    }
  }
}

/// What two operations share when they are equal.
private struct Expression: Hashable {
  let name: String
  let operands: [Graph.Value]
  let attributes: Attributes
  let isBackward: Bool

  init(_ operation: Graph.Operation, operands: [Graph.Value]) {
    name = operation.name
    self.operands = operands
    attributes = operation.attributes
    isBackward = operation.annotation.role == .backward && ![.constant, .movement].contains(operation.used.kind)
  }
}

extension Graph {
  /// Whether a value may be read in a region that is still being built; an unowned region hides what is around it.
  fileprivate func isVisible(_ value: Value, from region: RegionID) -> Bool { self[value].region == region }
}
