import Recurve

/// An encoder layer with the norm behind each part (Vaswani et al. 2017, as BERT has it: Devlin et al. 2019):
/// `m = norm(h + attention(h))`, then `norm(m + W_down gelu(W_up m))`, biases everywhere, every position looking at all:
/// `[B, L, D] -> [B, L, D]`.
public struct EncoderLayer: Sendable {
  let attention: SelfAttention
  let attentionNorm: LayerNorm
  let up: Linear
  let down: Linear
  let feedForwardNorm: LayerNorm
  let dropoutRate: Double

  /// What is added under the root of a norm, as in BERT.
  public static let epsilon = 1e-12

  /// - Parameters:
  ///   - width: D.
  ///   - inner: of the feed-forward layer.
  ///   - dropoutRate: of what is added, and of the weights of positions.
  ///   - initializer: of all matrices; LeCun's without.
  public init(width: Int, heads: Int, inner: Int, dropoutRate: Double, _ initializer: Initializer? = nil) {
    attention = SelfAttention(width: width, heads: heads, hasBias: true, dropoutRate: dropoutRate, initializer)
    attentionNorm = LayerNorm(width: width, epsilon: Self.epsilon)
    up = Linear(width, inner, hasBias: true, initializer)
    down = Linear(inner, width, hasBias: true, initializer)
    feedForwardNorm = LayerNorm(width: width, epsilon: Self.epsilon)
    self.dropoutRate = dropoutRate
  }

  public func callAsFunction(_ h: Tensor) -> Tensor {
    let mixed = attentionNorm(h + dropout(attention(h), rate: dropoutRate))
    let fed = scope("feed_forward") { down(gelu(up(mixed), isExact: true)) }
    return feedForwardNorm(mixed + dropout(fed, rate: dropoutRate))
  }
}
