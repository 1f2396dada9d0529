/// What keeps a file from being read as a text to learn from.
public struct CorpusError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  /// Counted from one; nil where the whole file is meant.
  public let line: Int?
  public let problem: Problem

  public enum Problem: Hashable, Sendable {
    case noFile, noRegularFile, unreadable, empty, notUTF8
    case tooLarge(Int)
    /// Too few words are as frequent as needed.
    case fewWords(found: Int, of: Int, minimumCount: Int, mostFrequent: Int)
  }

  init(path: String, line: Int? = nil, problem: Problem) {
    (self.path, self.line, self.problem) = (path, line, problem)
  }

  public var description: String { path + (line.map { ":\($0)" } ?? "") + ": \(problem)" }
}

extension CorpusError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noFile: "needed a text, found no file"
    case .noRegularFile: "needed a text, found what is no file"
    case .unreadable: "needed a text, found a file that cannot be read"
    case .empty: "needed a text, found an empty file"
    case .notUTF8: "needed text in UTF-8, found bytes that are none"
    case .tooLarge(let count): "needed a text of less than \(Corpus.mostBytes) bytes, found \(count)"
    case .fewWords(let found, let count, let minimumCount, let most):
      "needed at least 2 words that are there \(minimumCount) times, found \(found) of \(count) words, of which the most "
        + "frequent one is there \(most) times; a lower minimum-count takes more"
    }
  }
}
