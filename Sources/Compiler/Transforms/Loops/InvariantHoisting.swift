import GraphIR
import Operators

extension Pass {
  /// Moves operations out of loops when everything they read is defined outside.
  ///
  ///     %2 = repeat %0 {count = 6} ... (%step, %z) {
  ///       %3 = add %x, %y
  ///       %4 = multiply %z, %3
  ///       yield %4
  ///     }
  /// ->
  ///     %2 = add %x, %y
  ///     %3 = repeat %0 {count = 6} ... (%step, %z) {
  ///       %4 = multiply %z, %2
  ///       yield %4
  ///     }
  ///
  /// Operations with regions stay. Operations are total, so running one that a loop would not reach changes nothing. Work is linear in the graph times the depth of nesting.
  public static let invariantHoisting: Pass = Pass("invariant-hoisting") { graph in
    var hoister = InvariantHoister(graph: graph)
    hoister.hoist(from: Graph.body)
    return GraphRewriter.rewrite(hoister.graph) { _, _, _ in nil }
  }
}

private struct InvariantHoister {
  var graph: Graph

  /// Hoists inside the region's loops, innermost first, so that an operation may leave several of them.
  mutating func hoist(from region: Graph.RegionID) {
    var operations: [Graph.OperationID] = []
    for identifier in graph[region].operations {
      for inner in graph[identifier].regions {
        hoist(from: inner)
        if case .loop = graph[identifier].used.semantics { operations += takeInvariants(of: inner, to: region) }
      }
      operations.append(identifier)
    }
    graph[region].operations = operations
  }

  private mutating func takeInvariants(of inner: Graph.RegionID, to region: Graph.RegionID) -> [Graph.OperationID] {
    var (taken, kept): ([Graph.OperationID], [Graph.OperationID]) = ([], [])
    for identifier in graph[inner].operations {
      let operation = graph[identifier]
      let isInvariant = operation.regions.isEmpty && operation.operands.allSatisfy { graph[$0].region != inner }
      if isInvariant {
        taken.append(identifier)
        for result in operation.results { graph[result].region = region }
      } else {
        kept.append(identifier)
      }
    }
    graph[inner].operations = kept
    return taken
  }
}
