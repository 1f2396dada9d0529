import Recurve

/// Word vectors by skip-gram with negative sampling (Mikolov et al. 2013, arXiv 1310.4546).
///
/// A pair of a centre w and a context c costs `-log sigmoid(u_c . v_w) - sum_k log sigmoid(-u_k . v_w)` with K negatives k.
/// A step reads G segments of the text. The pairs of a segment share N negatives, each of which weighs K / N, so that scores
/// and gradients are matrix products, as Ji et al. 2016 (arXiv 1604.04661) do for the pairs of one window. Shapes: S centres of
/// a segment, C positions with what their windows reach, d width, V vocabulary.
public struct WordVectors: Model {
  let sizes: Sizes
  /// v: `[V, d]`, what is kept.
  let words: Weight
  /// u: `[V, d]`.
  let contexts: Weight

  /// The path of the vectors in checkpoints.
  static let vectorsPath = "words"

  public init(_ sizes: Sizes) {
    self.sizes = sizes
    let shape: Shape = ["V": sizes.vocabulary, "d": sizes.width]
    // As in word2vec.c: every score is 0 at first, so that the loss begins at (K + 1) log 2.
    words = Weight(shape, .uniform(bound: 0.5 / Double(sizes.width)))
    contexts = Weight(shape, .zeros)
  }

  public func step(_ inputs: Inputs) -> Step {
    let (total, count) = loss(inputs)
    // Reported as a mean, differentiated as a sum: each pair moves its rows as if it were a step of its own.
    let mean = customGradient(total, forward: { $0 / maximum(count, 1) }, gradient: { $2 })
    return Step(loss: mean, over: count, metrics: [("pairs", count)])
  }

  /// The sum over all pairs of a batch, and how many there are.
  func loss(_ inputs: Inputs) -> (total: Tensor, count: Tensor) {
    let tokens = inputs("tokens", ["G": sizes.segments, "C": sizes.slots], .int32)
    let negatives = inputs("negatives", ["G": sizes.segments, "N": sizes.sharedNegatives], .int32)
    let centres = tokens.slice(centreSlots, axis: 1)  // [G, S]
    let isPair = pairs(inputs)
    let weights = concatenate([isPair, noise(isPair, tokens, centres, negatives)], axis: 2)  // [G, S, C + N]
    let scores = scope("scores") {
      let v = gather(words.tensor, centres)  // [G, S, d]
      let u = gather(contexts.tensor, concatenate([tokens, negatives], axis: 1))  // [G, C + N, d]
      return dot(v, u, DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [2], rightInner: [2]))
    }
    // -log sigmoid(x) = softplus(-x): what is a pair is to score high, what is a negative low.
    let total = (weights * softplus(scores * signs)).sum()
    return (total, isPair.sum())
  }

  /// 1 where a position is a context of a centre, 0 elsewhere: `[G, S, C]`.
  private func pairs(_ inputs: Inputs) -> Tensor {
    scope("pairs") {
      let shape: Shape = ["G": sizes.segments, "S": sizes.segmentLength]
      let back = inputs("reach_back", shape, .int32).expanded(at: 2)
      let ahead = inputs("reach_ahead", shape, .int32).expanded(at: 2)
      let grid = Shape([sizes.segmentLength, sizes.slots])
      let distance = Tensor.iota(grid, axis: 1) - Tensor.iota(grid, axis: 0) - Double(sizes.window)
      let isInside = (distance .<= ahead) .& (0 - distance .<= back)
      return (isInside .& (distance .!= 0)).converted(to: .float32)
    }
  }

  /// What each negative weighs for each centre: `[G, S, N]`.
  ///
  /// A pair shares its weight of K evenly among the negatives that are neither its centre nor its context.
  private func noise(_ isPair: Tensor, _ tokens: Tensor, _ centres: Tensor, _ negatives: Tensor) -> Tensor {
    scope("noise") {
      let isWord = equality(tokens, negatives).converted(to: .float32)  // [G, C, N]
      let hits = isWord.sum(axis: 2).expanded(at: 1)  // [G, 1, C]: negatives that are a context
      let own = isWord.slice(centreSlots, axis: 1)  // [G, S, N]
      // A context that is the centre's own word takes no more away.
      let others = hits * (1 - equality(centres, tokens).converted(to: .float32))
      let usable = Double(sizes.sharedNegatives) - own.sum(axis: 2, keepsAxis: true) - others
      let shares = isPair * Double(sizes.negatives) / maximum(usable, 1)  // [G, S, C]
      return (1 - own) * (shares.sum(axis: 2, keepsAxis: true) - matmul(shares, isWord))
    }
  }

  /// Where the centres are among the positions.
  private var centreSlots: Range<Int> { sizes.window..<sizes.window + sizes.segmentLength }

  /// `[G, a], [G, b] -> [G, a, b]`.
  private func equality(_ a: Tensor, _ b: Tensor) -> Tensor {
    a.expanded(at: 2) .== b.expanded(at: 1)
  }

  /// -1 for positions of the text, 1 for negatives: `[C + N]`.
  private var signs: Tensor {
    concatenate([.constant(-1, [sizes.slots]), .constant(1, [sizes.sharedNegatives])], axis: 0)
  }
}
