import Operators
import TensorTypes

/// Multi-head attention of one sequence to another, the memory: `[B, L, D], [B, C, M] -> [B, L, D]` (Vaswani et al. 2017).
///
/// Queries come from what looks; keys and values, one matrix `[2 G d, M]` in that order, each by heads, from the memory. Of H
/// heads of queries, H / G share one of keys and values; G = H without. PyTorch's MultiheadAttention with `kdim` and `vdim`.
public struct CrossAttention: Sendable {
  public let query: Linear
  public let keyValue: Linear
  public let output: Linear
  /// H.
  public let heads: Int
  /// G.
  public let keyHeads: Int
  /// The share of the weights of positions that training sets to zero, from 0 to below 1.
  public let dropoutRate: Double
  private let problem: LayerProblem?

  /// - Parameters:
  ///   - memoryWidth: M; the width without.
  ///   - heads: at least 1, and a divisor of the width.
  ///   - keyHeads: a divisor of the heads; as many without.
  public init(
    width: Int, memoryWidth: Int? = nil, heads: Int, keyHeads: Int? = nil, hasBias: Bool = false,
    dropoutRate: Double = 0, file: StaticString = #fileID, line: Int = #line
  ) {
    let groups = keyHeads ?? heads
    problem = AttentionProducts.problem("cross-attention", width, heads, groups, file, line)
    let projected = problem == nil ? width / heads &* 2 &* groups : width &* 2
    query = Linear(width, width, hasBias: hasBias, file: file, line: line)
    keyValue = Linear(memoryWidth ?? width, projected, hasBias: hasBias, file: file, line: line)
    output = Linear(width, width, hasBias: hasBias, file: file, line: line)
    (self.heads, self.keyHeads, self.dropoutRate) = (heads, groups, dropoutRate)
  }

  /// The layer over given weights, of extents as the other initializer makes them.
  public init(
    query: Linear, keyValue: Linear, output: Linear, heads: Int, keyHeads: Int? = nil, dropoutRate: Double = 0,
    file: StaticString = #fileID, line: Int = #line
  ) {
    let groups = keyHeads ?? heads
    let width = query.weight.shape.extents.last ?? 0
    var problem = AttentionProducts.problem("cross-attention", width, heads, groups, file, line)
    if problem == nil {
      let (needed, square) = (width / heads * 2 * groups, Shape([width, width]))
      let isSound = query.weight.shape == square && output.weight.shape == square
      problem = LayerProblem(
        unless: isSound && keyValue.weight.shape.rank == 2 && keyValue.weight.shape[0] == needed,
        "cross-attention of width \(width) needs weights [\(square)], [\(needed), M] and [\(square)], got "
          + "[\(query.weight.shape)], [\(keyValue.weight.shape)] and [\(output.weight.shape)]", file, line)
    }
    (self.query, self.keyValue, self.output, self.problem) = (query, keyValue, output, problem)
    (self.heads, self.keyHeads, self.dropoutRate) = (heads, groups, dropoutRate)
  }

  /// - Parameters:
  ///   - mask: booleans that repeat to `[B, H, L, C]`: what is seen; for example `[B, 1, 1, C]` where memories are padded. A
  ///     position that sees nothing gives the mean of all.
  ///   - bias: numbers that repeat to `[B, H, L, C]`, added to the scores before the softmax.
  public func callAsFunction(
    _ x: Tensor, _ memory: Tensor, seeing mask: Tensor? = nil, adding bias: Tensor? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      checked(x, memory, "a memory", axis: 1, x.type) {
        attended(x, keyValue(memory), seeing: mask, adding: bias)
      }
    }
  }

  /// Attention to a memory whose keys and values are known, `[B, C, 2 G d]`: what `keyValue(memory)` gives, which programs that
  /// go on step by step keep in a state.
  public func callAsFunction(
    _ x: Tensor, projected keysAndValues: Tensor, seeing mask: Tensor? = nil, adding bias: Tensor? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      checked(x, keysAndValues, "keys and values", axis: 0, x.type) {
        attended(x, keysAndValues, seeing: mask, adding: bias)
      }
    }
  }

  /// How much each position looks at each of the memory, `[B, L, D], [B, C, M] -> [B, H, L, C]`: rows sum to 1.
  public func weights(
    of x: Tensor, _ memory: Tensor, seeing mask: Tensor? = nil, adding bias: Tensor? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let type = TensorType(x.type.elementType, [x.extent(0), max(heads, 1), x.extent(1), memory.extent(1)])
    return located(file, line) {
      checked(x, memory, "a memory", axis: 1, type) {
        let (query, keys, _) = parts(x, keyValue(memory))
        return AttentionProducts.weights(query, keys, adding: bias, seeing: mask)
      }
    }
  }

  private func attended(_ x: Tensor, _ projected: Tensor, seeing mask: Tensor?, adding bias: Tensor?) -> Tensor {
    let (query, keys, values) = parts(x, projected)
    let weights = AttentionProducts.weights(query, keys, adding: bias, seeing: mask)
    return output(AttentionProducts.mixed(dropout(weights, rate: dropoutRate), values, to: x.shape))
  }

  /// - Parameters:
  ///   - title: what the second sequence is.
  ///   - axis: of the weights of keys and values, whose extent its last one is.
  private func checked(
    _ x: Tensor, _ memory: Tensor, _ title: String, axis: Int, _ type: TensorType, _ body: () -> Tensor
  ) -> Tensor {
    if let problem { return problem.refused(type) }
    let (width, memoryWidth) = (output.weight.shape[0], keyValue.weight.shape[axis])
    guard x.rank == 3, memory.rank == 3, x.extent(0) == memory.extent(0), x.extent(2) == width,
      memory.extent(2) == memoryWidth
    else {
      let needed = "needs [B, L, \(width)] and \(title) [B, C, \(memoryWidth)]"
      return refused([x, memory], TypeError("attention.2", "\(needed), got \(x.type) and \(memory.type)"), type)
    }
    return scope("attention", body)
  }

  /// `[B, L, H, d]`, and `[B, C, G, d]` twice.
  private func parts(_ x: Tensor, _ projected: Tensor) -> (Tensor, Tensor, Tensor) {
    let size = x.extent(2) / heads
    let queries = query(x).reshaped(to: [x.extent(0), x.extent(1), heads, size])
    let parts = projected.reshaped(to: [projected.extent(0), projected.extent(1), 2 * keyHeads, size])
      .split(into: 2, axis: 2)
    return (queries, parts[0], parts[1])
  }
}
