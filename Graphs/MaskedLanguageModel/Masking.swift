import Recurve

/// Which tokens a model has to find, and what stands in their places: Devlin et al. 2019, section 3.1.
///
/// Of every sequence the same number of places is drawn, each set of places as likely as any other. Of these 80 % become
/// [MASK], 10 % a token at random and 10 % stay, so that a model must have an opinion of every place. All of it is drawn in the
/// graph: each step masks anew, and the same step of a run with the same seed alike.
///
/// What stands between documents is treated as BERT's [SEP]: it is none of the places, but where a sequence has fewer than K
/// others, and no token at random.
public struct Masking: Sendable, Hashable {
  /// K, places of each sequence.
  public var count: Int
  /// The number of [MASK]; tokens at random are drawn from those below it, and below the end.
  public var mask: Int
  /// The number of what stands between documents, behind those of the text's tokens; nil where there is none.
  public var end: Int?

  static let maskShare = 0.8
  static let randomShare = 0.1

  public init(count: Int, mask: Int, end: Int? = nil) { (self.count, self.mask, self.end) = (count, mask, end) }

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
      let order = chances(tokens).argsort(axis: 1).slice(0..<count, axis: 1)
      let places = (order + Tensor.iota([batch, count], axis: 0) * Double(length)).reshaped(to: [chosen])
      let all = tokens.reshaped(to: [batch * length])
      let labels = gather(all, places)
      let kind = Tensor.uniform([chosen])
      let others = select(kind .< Self.maskShare + Self.randomShare, .integers([chosen], in: 0..<(end ?? mask)), labels)
      let shown = select(kind .< Self.maskShare, Double(mask), others)
      let seen = scatterUpdate(all, places, shown).reshaped(to: ["B": batch, "L": length])
      return Masked(tokens: seen, places: places, labels: labels)
    }
  }

  /// Numbers of which the K smallest of a sequence are its places, `[B, L]`.
  private func chances(_ tokens: Tensor) -> Tensor {
    let chances = Tensor.uniform(["B": tokens.extent(0), "L": tokens.extent(1)])
    guard let end else { return chances }
    return chances + (tokens .== Double(end)).converted(to: .float32)
  }
}
