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
