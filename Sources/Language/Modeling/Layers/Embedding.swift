import TensorTypes

/// A learned row per number: `i32[...] -> [..., width]` (Bengio et al. 2003, "A Neural Probabilistic Language Model");
/// PyTorch's Embedding.
public struct Embedding: Sendable {
  public let table: Weight

  public init(
    count: Int, width: Int, _ initializer: Initializer? = nil, file: StaticString = #fileID, line: Int = #line
  ) {
    table = Weight([count, width], initializer ?? .lecun(inputs: width), file: file, line: line)
  }

  public func callAsFunction(_ numbers: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { gather(table.tensor, numbers) }
  }

  /// How well each row fits a vector, `[..., width] -> [..., count]`: the head of a language model that shares its table (Press
  /// and Wolf 2017).
  public func scores(_ h: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
    located(file, line) { linear(h, table.tensor) }
  }
}
