import Operators
import TensorTypes

/// Multi-head self-attention without mask: `[B, L, D] -> [B, L, D]` (Vaswani et al. 2017).
///
/// Query, key and value are one matrix `[3 D, D]`, in that order, each by heads.
public struct SelfAttention: Sendable {
  public let queryKeyValue: Linear
  public let output: Linear
  public let heads: Int
  private let problem: LayerProblem?

  /// - Parameter heads: at least 1, and a divisor of the width.
  public init(width: Int, heads: Int, file: StaticString = #fileID, line: Int = #line) {
    problem = LayerProblem(
      unless: heads >= 1 && width.isMultiple(of: heads),
      "self-attention of width \(width) cannot be divided among \(heads) heads", file, line)
    queryKeyValue = Linear(width, width &* 3, file: file, line: line)
    output = Linear(width, width, file: file, line: line)
    self.heads = heads
  }

  /// - Parameter positions: rotates queries and keys; none are used without it.
  public func callAsFunction(
    _ x: Tensor, _ positions: RotaryEmbedding? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    if let problem { return problem.refused(x.type) }
    return located(file, line) {
      guard x.rank == 3, x.extent(2) == output.weight.shape[0] else {
        let problem = TypeError("attention.1", "needs [B, L, \(output.weight.shape[0])], got \(x.type)")
        return refused([x], problem, x.type)
      }
      return scope("attention") { mixed(x, positions) }
    }
  }

  private func mixed(_ x: Tensor, _ positions: RotaryEmbedding?) -> Tensor {
    let (batch, length, width) = (x.extent(0), x.extent(1), x.extent(2))
    let size = width / heads
    let projected = queryKeyValue(x).reshaped(
      to: Shape([batch, length, 3, heads, size], names: [x.name(0), x.name(1), nil, "H", nil]))
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
