import TensorTypes

/// A learned row per number: `i32[...] -> [..., width]`.
public struct Embedding: Sendable {
  public let table: Weight

  public init(count: Int, width: Int, _ initializer: Initializer? = nil) {
    table = Weight([count, width], initializer ?? .lecun(inputs: width))
  }

  public func callAsFunction(_ numbers: Tensor) -> Tensor { gather(table.tensor, numbers) }
}
