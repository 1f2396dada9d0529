import Operators
import TensorTypes

/// Multi-head self-attention: `[B, L, D] -> [B, L, D]` (Vaswani et al. 2017).
///
/// Query, key and value are one matrix `[(H + 2 G) d, D]`, in that order, each by heads. Of H heads of queries, H / G share one
/// of keys and values (Ainslie et al. 2023); G = H without.
public struct SelfAttention: Sendable {
  /// What a position looks at.
  public enum Reach: Sendable, Hashable {
    case all
    /// Itself and what is before it.
    case causal
    /// Itself and so many positions before it, less one: of a window of 1 itself alone.
    case window(Int)
  }

  public let queryKeyValue: Linear
  public let output: Linear
  /// H.
  public let heads: Int
  /// G.
  public let keyHeads: Int
  public let reach: Reach
  /// The share of the weights of positions that training sets to zero, from 0 to below 1.
  public let dropoutRate: Double
  /// Whether the gradient computes the weights of positions again, rotated queries and keys with them, instead of keeping them:
  /// 2 d operations for each of `[B, H, L, L]` numbers (Dao et al. 2022, section 3.1). The bits are the same.
  public let recomputesWeights: Bool
  private let problem: LayerProblem?

  /// - Parameters:
  ///   - heads: at least 1, and a divisor of the width.
  ///   - keyHeads: a divisor of the heads; as many without.
  ///   - initializer: of both matrices; LeCun's without.
  public init(
    width: Int, heads: Int, keyHeads: Int? = nil, hasBias: Bool = false, reach: Reach = .all, dropoutRate: Double = 0,
    recomputesWeights: Bool = false, _ initializer: Initializer? = nil, file: StaticString = #fileID, line: Int = #line
  ) {
    let groups = keyHeads ?? heads
    problem = Self.problem(width, heads, groups, reach, file, line)
    let projected = problem == nil ? width / heads &* (heads &+ 2 &* groups) : width &* 3
    queryKeyValue = Linear(width, projected, hasBias: hasBias, initializer, file: file, line: line)
    output = Linear(width, width, hasBias: hasBias, initializer, file: file, line: line)
    (self.heads, self.keyHeads, self.reach) = (heads, groups, reach)
    (self.dropoutRate, self.recomputesWeights) = (dropoutRate, recomputesWeights)
  }

  /// The layer over given weights, of extents as the other initializer makes them.
  public init(
    queryKeyValue: Linear, output: Linear, heads: Int, keyHeads: Int? = nil, reach: Reach = .all,
    dropoutRate: Double = 0, recomputesWeights: Bool = false, file: StaticString = #fileID, line: Int = #line
  ) {
    let groups = keyHeads ?? heads
    let width = queryKeyValue.weight.shape.extents.last ?? 0
    var problem = Self.problem(width, heads, groups, reach, file, line)
    if problem == nil {
      let needed = width / heads &* (heads &+ 2 &* groups)
      problem = LayerProblem(
        unless: queryKeyValue.weight.shape == [needed, width] && output.weight.shape == [width, width],
        "self-attention of width \(width) needs weights [\(needed), \(width)] and [\(width), \(width)], got "
          + "[\(queryKeyValue.weight.shape)] and [\(output.weight.shape)]", file, line)
    }
    (self.queryKeyValue, self.output, self.problem) = (queryKeyValue, output, problem)
    (self.heads, self.keyHeads, self.reach) = (heads, groups, reach)
    (self.dropoutRate, self.recomputesWeights) = (dropoutRate, recomputesWeights)
  }

  private static func problem(
    _ width: Int, _ heads: Int, _ groups: Int, _ reach: Reach, _ file: StaticString, _ line: Int
  ) -> LayerProblem? {
    AttentionProducts.problem("self-attention", width, heads, groups, file, line)
      ?? LayerProblem(
        unless: reach.isSound, "self-attention needs a window of at least 1, got \(reach)", file, line)
  }

  /// - Parameter positions: rotates queries and keys; none are used without it.
  public func callAsFunction(
    _ x: Tensor, _ positions: RotaryEmbedding? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) { attended(x, seeing: nil, adding: nil, cache: nil) { tensor in positions?(tensor) ?? tensor } }
  }

  /// - Parameters:
  ///   - positions: rotates queries and keys.
  ///   - mask: booleans that repeat to `[B, H, L, C]`: which of C positions each may look at besides the reach; for example
  ///     `[B, 1, 1, L]` where sequences are padded. A position that sees nothing gives the mean of all.
  ///   - bias: numbers that repeat to `[B, H, L, C]`, added to the scores before the softmax: for example `linearBiases`, or
  ///     what a `RelativePositionBias` gives.
  ///   - cache: of this layer: the L positions follow those that it holds, and C is its capacity; L without.
  public func callAsFunction(
    _ x: Tensor, rotating positions: RotaryPositions?, seeing mask: Tensor? = nil, adding bias: Tensor? = nil,
    cache: KeyValueCache.Layer? = nil, file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    located(file, line) {
      attended(x, seeing: mask, adding: bias, cache: cache) { tensor in
        positions?(tensor, from: cache?.cache.position, of: cache?.cache.capacity) ?? tensor
      }
    }
  }

  /// How much each position looks at each, `[B, L, D] -> [B, H, L, L]`: rows sum to 1.
  public func weights(
    of x: Tensor, rotating positions: RotaryPositions?, seeing mask: Tensor? = nil, adding bias: Tensor? = nil,
    file: StaticString = #fileID, line: Int = #line
  ) -> Tensor {
    let type = TensorType(x.type.elementType, [x.extent(0), max(heads, 1), x.extent(1), x.extent(1)])
    return located(file, line) {
      checked(x, type) {
        let (query, keys, _) = parts(of: queryKeyValue(x)) { positions?($0) ?? $0 }
        let reach = reach.bias(length: x.extent(1), cache: nil)
        return AttentionProducts.weights(query, keys, reach: reach, adding: bias, seeing: mask)
      }
    }
  }

  private func attended(
    _ x: Tensor, seeing mask: Tensor?, adding bias: Tensor?, cache: KeyValueCache.Layer?,
    _ rotated: (Tensor) -> Tensor
  ) -> Tensor {
    checked(x, x.type) {
      let projected = queryKeyValue(x)
      func mixed() -> Tensor {
        let (query, key, value) = parts(of: projected, rotated)
        let (keys, values) = cache?.adding(key, value) ?? (key, value)
        let reach = reach.bias(length: x.extent(1), cache: cache?.cache)
        let weights = AttentionProducts.weights(query, keys, reach: reach, adding: bias, seeing: mask)
        return AttentionProducts.mixed(dropout(weights, rate: dropoutRate), values, to: x.shape)
      }
      // What a cache holds is no inner value.
      return output(recomputesWeights && cache == nil ? checkpoint(mixed) : mixed())
    }
  }

  /// The body's tensor, unless the layer or what it is given is wrong.
  private func checked(_ x: Tensor, _ type: TensorType, _ body: () -> Tensor) -> Tensor {
    if let problem { return problem.refused(type) }
    guard x.rank == 3, x.extent(2) == output.weight.shape[0] else {
      let problem = TypeError("attention.1", "needs [B, L, \(output.weight.shape[0])], got \(x.type)")
      return refused([x], problem, type)
    }
    return scope("attention", body)
  }

  /// `[B, L, H, d]`, and `[B, L, G, d]` twice.
  private func parts(of all: Tensor, _ rotated: (Tensor) -> Tensor) -> (Tensor, Tensor, Tensor) {
    let (batch, length, size) = (all.extent(0), all.extent(1), all.extent(2) / (heads + 2 * keyHeads))
    let names = [all.name(0), all.name(1)]
    if keyHeads == heads {
      let whole = all.reshaped(to: Shape([batch, length, 3, heads, size], names: names + [nil, "H", nil]))
      let parts = (0..<3).map { whole.at($0, axis: 2) }
      return (rotated(parts[0]), rotated(parts[1]), parts[2])
    }
    let parts = all.reshaped(to: Shape([batch, length, heads + 2 * keyHeads, size], names: names + ["H", nil]))
    func part(_ start: Int, _ count: Int) -> Tensor { parts.slice(start..<(start + count), axis: 2) }
    return (
      rotated(part(0, heads)), rotated(part(heads, keyHeads)), part(heads + keyHeads, keyHeads)
    )
  }
}

extension SelfAttention.Reach {
  var isSound: Bool { if case .window(let width) = self { width >= 1 } else { true } }

  /// What is added to scores `[..., L, C]`: 0 where a position may look, and so much below every score elsewhere that it gets
  /// no share; nil where all may. Without a cache numbers of the program, with one by the position that it has.
  func bias(length: Int, cache: KeyValueCache?) -> Tensor? {
    guard self != .all || cache != nil else { return nil }
    guard let cache else { return mask(length) }
    // The rows of the whole that the cache could hold. What it does not hold yet is nothing to look at: where all may look at
    // all, they look at what the last of them may.
    let whole = mask(cache.capacity)
    if self == .all { return whole.rows(1, from: cache.position + Double(length - 1)) }
    return whole.rows(length, from: cache.position)
  }

  /// `[length, length]`, one for all layers of a trace: `attention.3`.
  private func mask(_ length: Int) -> Tensor {
    LayerTable.made("mask", "\(self)", "attention.3", length, length) { row in
      (0..<length).map { bias(from: row, to: $0) }
    }
  }

  private func bias(from row: Int, to column: Int) -> Float {
    let isSeen =
      switch self {
      case .all, .causal: column <= row
      case .window(let width): column <= row && row - column < width
      }
    return isSeen ? 0 : Float(AttentionProducts.unseen)
  }
}
