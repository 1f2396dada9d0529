import Modeling

/// A function of a model's weights beside its training step, which commands find by name: an answer, a step of decoding.
public struct NamedProgram: Sendable {
  public let name: String
  /// One line for lists.
  public let summary: String
  private let body: @Sendable (Inputs) throws -> [String: Tensor]
  private let place: (file: StaticString, line: Int)

  /// - Parameter body: declares inputs and states, and returns results by name, as `ParameterStore.program` has it.
  public init(
    _ name: String, summary: String, file: StaticString = #fileID, line: Int = #line,
    _ body: @escaping @Sendable (Inputs) throws -> [String: Tensor]
  ) {
    (self.name, self.summary, self.body, place) = (name, summary, body, (file, line))
  }

  /// The function as a graph over the weights of a model.
  ///
  /// - Throws: `TraceError` with all problems of the function, and what it throws.
  public func traced(over model: any Model) throws -> TracedModel {
    let paths = WeightPaths(of: model)
    try paths.check()
    return try TracedModel(evaluating: name, over: paths, file: place.file, line: place.line) {
      .tensors(try body($0))
    }
  }
}
