/// Words by number, the most frequent first; words of one frequency are ordered as their texts are.
public struct Vocabulary: Sendable, Hashable {
  public let words: [String]
  /// How often each word is in the text.
  public let counts: [Int]
  private let numbers: [String: Int]

  /// - Parameter counted: distinct words, in any order.
  public init(_ counted: [(word: String, count: Int)]) {
    let ordered = counted.sorted { ($1.count, $0.word) < ($0.count, $1.word) }
    words = ordered.map(\.word)
    counts = ordered.map(\.count)
    numbers = Dictionary(words.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  public var count: Int { words.count }

  /// Words of the text that the vocabulary has.
  public var tokenCount: Int { counts.reduce(0, +) }

  /// The number of a word; nil for one that the vocabulary lacks.
  public subscript(_ word: String) -> Int? { numbers[word] }
}
