import TensorTypes

/// A learned row per number: `i32[...] -> [..., width]` (Bengio et al. 2003, "A Neural Probabilistic Language Model");
/// PyTorch's Embedding.
public struct Embedding: Sendable {
  /// `[count, width]`.
  public let table: Weight
  private let problem: LayerProblem?

  public init(
    count: Int, width: Int, _ initializer: Initializer? = nil, file: StaticString = #fileID, line: Int = #line
  ) {
    table = Weight([count, width], initializer ?? .lecun(inputs: width), file: file, line: line)
    problem = nil
  }

  /// The layer over a given table, `[count, width]`.
  public init(table: Weight, file: StaticString = #fileID, line: Int = #line) {
    self.table = table
    problem = LayerProblem(
      unless: table.shape.rank == 2, "an embedding needs a table [count, width], got [\(table.shape)]", file, line)
  }

  public func callAsFunction(_ numbers: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    if let problem { return problem.refused(.scalar) }
    return located(file, line) { gather(table.tensor, numbers) }
  }

  /// How well each row fits a vector, `[..., width] -> [..., count]`: the head of a language model that shares its table (Press
  /// and Wolf 2017).
  public func scores(_ h: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    if let problem { return problem.refused(h.type) }
    return located(file, line) { linear(h, table.tensor) }
  }
}
