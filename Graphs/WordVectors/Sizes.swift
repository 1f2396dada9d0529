import Recurve

extension WordVectors {
  /// Extents and switches of the model and of what it reads.
  public struct Sizes: Sendable, Hashable {
    public var vocabulary: Int
    /// d.
    public var width = 100
    /// Words on each side of a centre at most.
    public var window = 5
    /// Whether each centre has a window of its own, as wide as a number drawn evenly from 1 to `window`.
    public var hasDynamicWindow = true
    /// Negatives that each pair weighs as much as (K).
    public var negatives = 5
    /// Negatives that the pairs of a segment share (N); each weighs K / N.
    public var sharedNegatives = 22
    /// Segments of the text in a step (G).
    public var segments = 32
    /// Centres of a segment (S).
    public var segmentLength = 32
    /// Words that are there less often are left out.
    public var minimumCount = 5
    public var subsampling = Subsampling(.code, threshold: 1e-4)

    /// Positions of a segment with what its windows reach (C).
    public var slots: Int { segmentLength + 2 * window }

    public init(vocabulary: Int) { self.vocabulary = vocabulary }
  }
}
