import Recurve

extension MaskedLanguageModel {
  /// Forms of the model, which differ in nothing but whether layers share their weights.
  public enum Variant: String, Sendable, CaseIterable {
    /// As many layers as the depth, each with weights of its own.
    case bert
    /// One layer, applied as often as the depth.
    case recurrent
  }

  /// Extents, and what else the forms of the model differ in.
  public struct Sizes: Sendable, Hashable {
    public var variant: Variant
    /// D.
    public var width: Int
    public var heads: Int
    /// Of the feed-forward layers.
    public var inner: Int
    /// Layers, or applications of the one layer.
    public var depth: Int
    /// V: tokens of the text, what stands between documents if there is more than one, and [MASK], which is the last.
    public var vocabulary: Int
    /// L, positions that the model is trained on.
    public var context: Int
    /// The token that stands between documents; nil where the text is one.
    public var documentEnd: Int?
    /// Of the tokens, which the model has to find.
    public var maskedShare = 0.15
    public var dropout = 0.0
    /// Of all matrices' first numbers.
    public var deviation = 0.02

    public init(
      _ variant: Variant = .bert, width: Int, heads: Int, inner: Int? = nil, depth: Int, vocabulary: Int, context: Int
    ) {
      (self.variant, self.width, self.heads, self.depth) = (variant, width, heads, depth)
      self.inner = inner ?? 4 * width
      (self.vocabulary, self.context) = (vocabulary, context)
    }

    /// K, tokens of each sequence that the model has to find.
    public var maskedCount: Int { max(1, Int((maskedShare * Double(context)).rounded())) }

    var masking: Masking { Masking(count: maskedCount, mask: vocabulary - 1, end: documentEnd) }

    /// The sizes for texts of a vocabulary.
    func reading(_ vocabulary: BytePairVocabulary) -> Sizes {
      var sizes = self
      sizes.vocabulary = vocabulary.count + 1
      sizes.documentEnd = vocabulary.number(ofSpecial: SpecialToken.end).map { Int($0) }
      return sizes
    }

    /// All of it in words: models of other sizes have other ones.
    var summary: String {
      [
        variant.rawValue, "width \(width)", "heads \(heads)", "inner \(inner)", "depth \(depth)",
        "vocabulary \(vocabulary)", "context \(context)", "masked \(maskedShare)", "dropout \(dropout)",
        "deviation \(deviation)",
      ].joined(separator: ", ") + (documentEnd.map { ", document end \($0)" } ?? "")
    }

    /// The weights in one encoder layer.
    var layerWeightCount: Int { 4 * width * width + 2 * width * inner + inner + 9 * width }
  }
}
