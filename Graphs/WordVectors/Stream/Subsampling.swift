import Foundation

/// How much of a frequent word a pass over the text leaves out.
public struct Subsampling: Sendable, Hashable {
  /// The share of a word's occurrences that a pass keeps, for a word that is the share f of the text.
  public enum Formula: String, Sendable, CaseIterable {
    /// `sqrt(t / f)` (Mikolov et al. 2013, equation 5).
    case paper
    /// `sqrt(t / f) + t / f`, as word2vec.c and what follows it compute it.
    case code
    /// All of it.
    case none
  }

  public var formula: Formula
  /// t.
  public var threshold: Double

  public init(_ formula: Formula, threshold: Double) {
    self.formula = formula
    self.threshold = threshold
  }

  /// At most 1.
  public func keptShare(frequency: Double) -> Double {
    let ratio = threshold / frequency
    switch formula {
    case .paper: return min(1, ratio.squareRoot())
    case .code: return min(1, ratio.squareRoot() + ratio)
    case .none: return 1
    }
  }

  /// Of each word of a vocabulary.
  func keptShares(_ vocabulary: Vocabulary) -> [Double] {
    let total = Double(vocabulary.tokenCount)
    return vocabulary.counts.map { keptShare(frequency: Double($0) / total) }
  }
}
