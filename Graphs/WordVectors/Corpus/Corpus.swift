import Recurve

/// A text as numbers of its vocabulary's words.
///
/// A token is what stands between white space. Tokens are lower-cased as Unicode says (`String.lowercased`), then counted;
/// those seen fewer times than the minimum count are left out, so that their neighbours become neighbours of each other
/// (word2vec.c). No window reaches over the end of a line, nor from one document into the next.
public struct Corpus: Sendable {
  public let vocabulary: Vocabulary
  /// Numbers of the words in order.
  public let tokens: [Int32]
  /// Where each line begins among the tokens, and their end; lines without words are left out.
  public let lineStarts: [Int]
  /// Tokens of the text, those left out included.
  public let readCount: Int

  /// - Throws: `CorpusError` for texts without two different words that are frequent enough.
  public init(_ file: TextFile, minimumCount: Int) throws(CorpusError) {
    let text = TokenizedText(Array(file.text.utf8))
    let counted = text.wordCounts
    let kept = counted.filter { $0.count >= minimumCount }
    guard kept.count >= 2 else {
      throw CorpusError(
        path: file.path, found: kept.count, of: counted.count, minimumCount: minimumCount,
        mostFrequent: counted.map(\.count).max() ?? 0)
    }
    vocabulary = Vocabulary(kept)
    readCount = text.tokens.count
    (tokens, lineStarts) = text.numbered(by: vocabulary)
  }
}

/// A text cut into tokens and lines, before the vocabulary is known.
private struct TokenizedText {
  /// Numbers of raw tokens.
  private(set) var tokens: [Int32] = []
  private var lineStarts: [Int] = [0]
  /// Of each raw token, lower-cased.
  private let words: [String]
  private let counts: [Int]

  init(_ bytes: [UInt8]) {
    var counter = TokenCounter()
    var (tokens, lineStarts) = ([Int32](), [0])
    tokens.reserveCapacity(bytes.count / 5)
    words = bytes.withUnsafeBufferPointer { text in
      var start = 0
      for index in 0...text.count {
        let byte = index < text.count ? text[index] : 0x0A
        guard Self.isSpace(byte) else { continue }
        if index > start { tokens.append(counter.add(start..<index, of: text)) }
        if byte == 0x0A, tokens.count > lineStarts[lineStarts.count - 1] { lineStarts.append(tokens.count) }
        start = index + 1
      }
      return counter.ranges.map { String(decoding: text[$0], as: UTF8.self).lowercased() }
    }
    (self.tokens, self.lineStarts, counts) = (tokens, lineStarts, counter.counts)
  }

  /// Space, tabulators, ends of lines and pages: the white space of ASCII.
  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  /// Tokens that differ in case only are one word.
  var wordCounts: [(word: String, count: Int)] {
    Dictionary(zip(words, counts)) { $0 + $1 }.map { ($0.key, $0.value) }
  }

  func numbered(by vocabulary: Vocabulary) -> (tokens: [Int32], lineStarts: [Int]) {
    let numbers = words.map { vocabulary[$0].map(Int32.init) ?? -1 }
    var kept: [Int32] = []
    kept.reserveCapacity(tokens.count)
    var starts = [0]
    for (start, end) in zip(lineStarts, lineStarts.dropFirst()) {
      for token in tokens[start..<end] where numbers[Int(token)] >= 0 { kept.append(numbers[Int(token)]) }
      if kept.count > starts[starts.count - 1] { starts.append(kept.count) }
    }
    return (kept, starts)
  }
}
