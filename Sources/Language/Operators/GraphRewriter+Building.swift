import GraphIR

extension GraphRewriter {
  /// Lets a builder append to the target and takes the result back, without copying the graph.
  public mutating func build<Result>(
    in region: Graph.RegionID, annotation: Graph.Annotation, _ body: (GraphBuilder) -> Result
  ) -> Result {
    var moved = Graph(name: "")
    swap(&moved, &target)
    let builder = GraphBuilder(moved, region: region)
    moved = Graph(name: "")
    builder.annotation = annotation
    let result = body(builder)
    swap(&target, &builder.graph)
    return result
  }
}

extension Graph {
  /// The graph with every composite operation, or those that the predicate picks, written in simpler ones.
  public func decomposed(where isPicked: (Operator) -> Bool = { _ in true }) -> Graph {
    var current = self
    while current.hasComposites(isPicked) {
      current = GraphRewriter.rewrite(current) { rewriter, identifier, region in
        let operation = rewriter.source[identifier]
        guard case .composite(let decompose) = operation.used.semantics, isPicked(operation.used) else { return nil }
        let signature = rewriter.source.signature(of: operation)
        let operands = operation.operands.map { rewriter[$0] }
        return rewriter.build(in: region, annotation: operation.annotation) { decompose(signature, operands, $0) }
      }
    }
    return current
  }

  private func hasComposites(_ isPicked: (Operator) -> Bool) -> Bool {
    operations.contains { if case .composite = $0.used.semantics { isPicked($0.used) } else { false } }
  }
}
