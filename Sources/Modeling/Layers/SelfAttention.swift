import Operators
import TensorTypes

/// Multi-head self-attention without mask: `[B, L, D] -> [B, L, D]` (Vaswani et al. 2017).
///
/// Query, key and value are one matrix `[3 D, D]`, in that order, each by heads.
public struct SelfAttention: Sendable {
  public let queryKeyValue: Linear
  public let output: Linear
  public let heads: Int

  public init(width: Int, heads: Int) {
    queryKeyValue = Linear(width, 3 * width)
    output = Linear(width, width)
    self.heads = heads
  }

  /// - Parameter positions: rotates queries and keys; none are used without it.
  public func callAsFunction(_ x: Tensor, _ positions: RotaryEmbedding? = nil) -> Tensor {
    scope("attention") {
      let (batch, length, width) = (x.extent(0), x.extent(1), x.extent(2))
      let size = width / heads
      let projected = queryKeyValue(x).reshaped(
        to: Shape([batch, length, 3, heads, size], names: [x.shape.names[0], x.shape.names[1], nil, "H", nil]))
      let parts = (0..<3).map { projected.at($0, axis: 2) }  // [B, L, H, d] each
      let query = positions?(parts[0]) ?? parts[0]
      let key = positions?(parts[1]) ?? parts[1]
      // [B, H, L, L]
      let scores = dot(query, key, DotAxes(leftBatch: [0, 2], rightBatch: [0, 2], leftInner: [3], rightInner: [3]))
      let weights = softmax(scores * (1 / Double(size).squareRoot()))
      // [B, H, L, d]
      let mixed = dot(
        weights, parts[2], DotAxes(leftBatch: [0, 1], rightBatch: [0, 2], leftInner: [3], rightInner: [1]))
      // The product stores itself by positions, so that no copy is needed: [B, L, D]
      let merged = mixed.transposed(0, 2, 1, 3).reshaped(
        to: Shape([batch, length, width], names: x.shape.names))
      return output(merged)
    }
  }
}
