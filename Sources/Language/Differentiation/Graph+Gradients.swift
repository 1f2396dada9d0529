import GraphIR

extension Graph {
  /// The graph with the gradients of its first result behind its results: the one of the weight `w` is `gradient.w`.
  ///
  /// - Throws: as `differentiated`.
  public func withGradients() throws -> Graph { try differentiated().graphWithGradients }
}

extension Differentiated {
  /// What the name of each gradient among the results begins with; the name of the weight, or of another target, follows.
  public static let gradientPrefix = "gradient."

  /// The graph with the gradients behind its results, in the order of the targets.
  public var graphWithGradients: Graph {
    var result = graph
    for (target, gradient) in zip(targets, gradients) {
      result.addResult(gradient, name: Self.gradientPrefix + (graph[target].name ?? ""))
    }
    return result
  }

  /// The graph with the gradients as its only results, in the order of the targets.
  public var graphOfGradients: Graph {
    var result = self
    result.graph[Graph.body].results = []
    result.graph.resultRoles = []
    return result.graphWithGradients
  }
}
