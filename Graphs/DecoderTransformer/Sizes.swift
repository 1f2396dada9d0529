import Recurve

extension GPT {
  /// Extents, and what else the forms of the model differ in.
  public struct Sizes: Sendable, Hashable {
    /// How the model knows where tokens stand.
    public enum Positions: String, Sendable, CaseIterable {
      /// Queries and keys are turned (Su et al. 2021).
      case rotary
      /// Numbers that nobody learns are added to embeddings (Vaswani et al. 2017).
      case sinusoidal
      /// A vector for each position of the context is added to embeddings (Radford et al. 2019).
      case learned
      /// Attention falls linearly with the distance, in each head at a slope of its own (Press et al. 2022).
      case alibi
      /// A number for each head and bucket of distances is learned, and added to the scores of every layer (Raffel et al. 2020).
      case t5
      /// Embeddings say of digits, and of these alone, where they stand in their numbers (McLeish et al. 2024).
      case places

      public static let names: [String] = allCases.map(\.rawValue)
      /// Those that no token need be a digit for.
      public static let ofAnyText: [Positions] = allCases.filter { $0 != .places }
    }

    /// D.
    public var width: Int
    public var layers: Int
    public var heads: Int
    /// Of the feed-forward layers.
    public var inner: Int
    /// V.
    public var vocabulary: Int
    /// Positions that the model is trained on.
    public var context: Int
    public var positions = Positions.rotary
    /// With `places`: tokens that are digits.
    public var digits = 0..<10
    /// With `places`: digits of the longest number that is trained on.
    public var longestNumber = 1
    public var isTied = false
    public var dropout = 0.0
    /// Of the embeddings' first numbers.
    public var deviation = 0.02
    /// The token with which documents begin, where a position sees its own document alone; nil where it sees all before it.
    public var documentStart: Int32?

    public init(width: Int, layers: Int, heads: Int, inner: Int? = nil, vocabulary: Int, context: Int) {
      (self.width, self.layers, self.heads) = (width, layers, heads)
      self.inner = inner ?? 4 * width
      (self.vocabulary, self.context) = (vocabulary, context)
    }
  }
}

extension GPT.Sizes {
  /// - Throws: `ModelFamilyError.setting` for a number of layers that nobody can wait for.
  public static func check(layers: Int?) throws {
    guard let layers, !(1...1000).contains(layers) else { return }
    throw ModelFamilyError.setting("depth", found: "\(layers)", needed: "a whole number of layers from 1 to 1000")
  }
}
