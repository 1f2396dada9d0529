import GraphIR

extension Graph {
  /// The graph with the gradients of its first result behind its results: the one of the weight `w` is `gradient.w`.
  ///
  /// - Throws: as `differentiated`.
  public func withGradients() throws -> Graph { try differentiated().graphWithGradients }
}

extension Differentiated {
  /// What the name of each gradient among the results begins with; the weight's name follows.
  public static let gradientPrefix = "gradient."

  /// The graph with the gradients behind its results, in the order of its weights.
  public var graphWithGradients: Graph {
    var result = graph
    for (weight, gradient) in zip(graph.parameters(.weight), gradients) {
      result.addResult(gradient, name: Self.gradientPrefix + (graph[weight].name ?? ""))
    }
    return result
  }

  /// The graph with the gradients as its only results, in the order of its weights.
  public var graphOfGradients: Graph {
    var result = self
    result.graph[Graph.body].results = []
    result.graph.resultRoles = []
    return result.graphWithGradients
  }
}
