import Recurve

/// Which tokens a model has to find, and what stands in their places: Devlin et al. 2019, section 3.1.
///
/// Of every sequence the same number of places is drawn, each set of places as likely as any other. Of these 80 % become
/// [MASK], 10 % a token at random and 10 % stay, so that a model must have an opinion of every place. All of it is drawn in the
/// graph: each step masks anew, and the same step of a run with the same seed alike.
public struct Masking: Sendable, Hashable {
  /// K, places of each sequence.
  public var count: Int
  /// The number of [MASK]; tokens at random are drawn from those below it.
  public var mask: Int

  static let maskShare = 0.8
  static let randomShare = 0.1

  public init(count: Int, mask: Int) { (self.count, self.mask) = (count, mask) }

  /// Sequences as the model sees them, with what it has to find.
  struct Masked {
    /// `i32[B, L]`.
    let tokens: Tensor
    /// Places in all sequences one after another, `i32[B K]`.
    let places: Tensor
    /// What stood there, `i32[B K]`.
    let labels: Tensor
  }

  /// `i32[B, L]`; at least K positions.
  func callAsFunction(_ tokens: Tensor) -> Masked {
    scope("masking") {
      let (batch, length, chosen) = (tokens.extent(0), tokens.extent(1), tokens.extent(0) * count)
      let order = Tensor.uniform(["B": batch, "L": length]).argsort(axis: 1).slice(0..<count, axis: 1)
      let places = (order + Tensor.iota([batch, count], axis: 0) * Double(length)).reshaped(to: [chosen])
      let all = tokens.reshaped(to: [batch * length])
      let labels = gather(all, places)
      let kind = Tensor.uniform([chosen])
      let others = select(kind .< Self.maskShare + Self.randomShare, .integers([chosen], in: 0..<mask), labels)
      let shown = select(kind .< Self.maskShare, Double(mask), others)
      let seen = scatterUpdate(all, places, shown).reshaped(to: ["B": batch, "L": length])
      return Masked(tokens: seen, places: places, labels: labels)
    }
  }
}
