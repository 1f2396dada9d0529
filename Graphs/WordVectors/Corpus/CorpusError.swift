/// A text in which too few words are as frequent as needed.
public struct CorpusError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  /// Words that are frequent enough.
  public let found: Int
  /// Different words of the text.
  public let count: Int
  public let minimumCount: Int
  /// How often the most frequent word is there.
  public let mostFrequent: Int

  init(path: String, found: Int, of count: Int, minimumCount: Int, mostFrequent: Int) {
    (self.path, self.found, self.count) = (path, found, count)
    (self.minimumCount, self.mostFrequent) = (minimumCount, mostFrequent)
  }

  public var description: String {
    "\(path): needed at least 2 words that are there \(minimumCount) times, found \(found) of \(count) words, of which the "
      + "most frequent one is there \(mostFrequent) times; a lower minimum-count takes more"
  }
}

/// A text of which subsampling leaves less in all passes than one step reads.
public struct SparseTextError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  /// Words that all passes keep on average.
  public let kept: Int
  public let epochs: Int
  /// Words of a step.
  public let needed: Int

  public var description: String {
    "\(path): \(epochs) passes keep about \(kept) words, needs the \(needed) that a step reads; take a longer text, a smaller "
      + "--batch, more epochs, a larger threshold or subsampling=none"
  }
}
