import Recurve

/// A causal transformer over tokens (Radford et al. 2019), with the norms, positions and ties that its sizes choose.
///
/// Blocks with the norm first: `h + attention(norm h)`, then `h + W_down gelu(W_up norm h)`. Shapes: B batch, L positions,
/// D width, V vocabulary.
public struct GPT: LanguageModel {
  public let sizes: Sizes
  let tokens: Embedding
  let positions: LearnedPositions?
  let places: DigitPlaces?
  let relativePositions: RelativePositionBias?
  let blocks: [Block]
  let norm: RMSNorm
  /// Nil where scores are products with the embeddings (Press and Wolf 2017).
  let head: Linear?

  public init(_ sizes: Sizes) {
    self.sizes = sizes
    let deviation = Initializer.normal(standardDeviation: sizes.deviation)
    tokens = Embedding(count: sizes.vocabulary, width: sizes.width, deviation)
    positions =
      sizes.positions == .learned ? LearnedPositions(length: sizes.context, width: sizes.width, deviation) : nil
    places =
      sizes.positions == .places
      ? DigitPlaces(width: sizes.width, digits: sizes.digits, longest: sizes.longestNumber, deviation) : nil
    relativePositions =
      sizes.positions == .t5 ? RelativePositionBias(heads: sizes.heads, isCausal: true, deviation) : nil
    blocks = (0..<sizes.layers).map { _ in Block(sizes) }
    norm = RMSNorm(width: sizes.width)
    head = sizes.isTied ? nil : Linear(sizes.width, sizes.vocabulary)
  }

  public var vocabularyCount: Int { sizes.vocabulary }

  /// `i32[B, L] -> [B, L, V]`.
  public func scores(_ tokens: Tensor, cache: KeyValueCache? = nil) -> Tensor {
    let (seen, bias) = (ownDocument(tokens, cache), distanceBias(tokens.extent(1), cache))
    let h = blocks.enumerated().reduce(embedded(tokens, cache)) { h, block in
      scope("block\(block.offset)") { block.element(h, seeing: seen, adding: bias, cache?.layer("\(block.offset)")) }
    }
    return scope("head") { head.map { $0(norm(h)) } ?? self.tokens.scores(norm(h)) }
  }

  /// How much each position looks at each in every layer, to be looked at: `i32[B, L] -> [B, H, L, L]` each.
  public func attention(_ tokens: Tensor) -> [Tensor] {
    let (seen, bias) = (ownDocument(tokens, nil), distanceBias(tokens.extent(1), nil))
    var h = embedded(tokens, nil)
    return blocks.enumerated().map { number, block in
      scope("block\(number)") {
        let weights = block.attention.weights(
          of: block.attentionNorm(h), rotating: block.rotary, seeing: seen, adding: bias)
        h = block(h, seeing: seen, adding: bias, nil)
        return weights
      }
    }
  }

  /// Which positions lie in the document of each, `i32[B, L] -> bool[B, 1, L, C]`; nil where all are seen.
  private func ownDocument(_ tokens: Tensor, _ cache: KeyValueCache?) -> Tensor? {
    sizes.documentStart.map { start in
      scope("documents") { segmentMask(startingAt: tokens .== Double(start), cache: cache) }
    }
  }

  /// What distances add to the scores of attention in every layer, `[H, L, C]`; nil where positions are told otherwise.
  private func distanceBias(_ length: Int, _ cache: KeyValueCache?) -> Tensor? {
    switch sizes.positions {
    case .alibi: return scope("positions") { linearBiases(heads: sizes.heads, length: length, cache: cache) }
    case .t5: return relativePositions.map { own in scope("positions") { own(length: length, cache: cache) } }
    case .rotary, .sinusoidal, .learned, .places: return nil
    }
  }

  /// `i32[B, L] -> [B, L, D]`.
  private func embedded(_ tokens: Tensor, _ cache: KeyValueCache?) -> Tensor {
    scope("embedding") {
      let h = places.map { self.tokens(tokens) + $0(tokens, cache) } ?? self.tokens(tokens)
      let isSinusoidal = sizes.positions == .sinusoidal
      if let positions { return dropout(positions(h, from: cache?.position), rate: sizes.dropout) }
      guard isSinusoidal else { return dropout(h, rate: sizes.dropout) }
      let all = sinusoidalPositions(length: cache?.capacity ?? h.extent(1), width: sizes.width)
      let own = cache.map { all.slice(at: $0.position, length: h.extent(1), axis: 0) } ?? all
      return dropout(h * Double(sizes.width).squareRoot() + own, rate: sizes.dropout)
    }
  }
}

/// Attention, then a feed-forward layer, each behind a norm and added to what came in: `[B, L, D] -> [B, L, D]`.
struct Block: Sendable {
  let attentionNorm: RMSNorm
  let attention: SelfAttention
  let feedForwardNorm: RMSNorm
  let up: Linear
  let down: Linear
  let rotary: RotaryPositions?
  let dropoutRate: Double

  init(_ sizes: GPT.Sizes) {
    attentionNorm = RMSNorm(width: sizes.width)
    attention = SelfAttention(width: sizes.width, heads: sizes.heads, reach: .causal, recomputesWeights: true)
    feedForwardNorm = RMSNorm(width: sizes.width)
    up = Linear(sizes.width, sizes.inner)
    down = Linear(sizes.inner, sizes.width)
    rotary = sizes.positions == .rotary ? RotaryPositions(size: sizes.width / max(sizes.heads, 1)) : nil
    dropoutRate = sizes.dropout
  }

  func callAsFunction(
    _ h: Tensor, seeing mask: Tensor?, adding bias: Tensor?, _ cache: KeyValueCache.Layer?
  ) -> Tensor {
    let attended = attention(attentionNorm(h), rotating: rotary, seeing: mask, adding: bias, cache: cache)
    let mixed = h + dropout(attended, rate: dropoutRate)
    let fed = scope("feed_forward") { down(gelu(up(feedForwardNorm(mixed)))) }
    return mixed + dropout(fed, rate: dropoutRate)
  }
}
