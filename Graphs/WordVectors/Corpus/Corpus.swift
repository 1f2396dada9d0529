import Foundation
import Recurve

/// A text as numbers of its vocabulary's words.
///
/// A token is what stands between white space. Tokens are lower-cased as Unicode says (`String.lowercased`), then counted;
/// those seen fewer times than the minimum count are left out, so that their neighbours become neighbours of each other
/// (word2vec.c). No window reaches over the end of a line.
public struct Corpus: Sendable {
  public let vocabulary: Vocabulary
  /// Numbers of the words in order.
  public let tokens: [Int32]
  /// Where each line begins among the tokens, and their end; lines without words are left out.
  public let lineStarts: [Int]
  /// Tokens of the text, those left out included.
  public let readCount: Int

  /// - Parameter path: of the text, for messages.
  /// - Throws: `CorpusError` for bytes that are not UTF-8 and for texts without two different words that are frequent enough.
  public init(_ bytes: [UInt8], path: String, minimumCount: Int) throws(CorpusError) {
    if bytes.isEmpty { throw CorpusError(path: path, problem: .empty) }
    if let line = Self.firstLineNotUTF8(bytes) { throw CorpusError(path: path, line: line, problem: .notUTF8) }
    let text = TokenizedText(bytes)
    let counted = text.wordCounts
    let kept = counted.filter { $0.count >= minimumCount }
    guard kept.count >= 2 else {
      let problem = CorpusError.Problem.fewWords(
        found: kept.count, of: counted.count, minimumCount: minimumCount, mostFrequent: counted.map(\.count).max() ?? 0)
      throw CorpusError(path: path, problem: problem)
    }
    vocabulary = Vocabulary(kept)
    readCount = text.tokens.count
    (tokens, lineStarts) = text.numbered(by: vocabulary)
  }

  /// Reads a file.
  ///
  /// - Throws: as the other initializer, and for what is no file that can be read.
  public init(path: String, minimumCount: Int) throws(CorpusError) {
    try self.init(try Self.bytes(path), path: path, minimumCount: minimumCount)
  }

  /// The most bytes of a text: positions of its tokens are 32-bit numbers.
  static let mostBytes = 1 << 31

  private static func bytes(_ path: String) throws(CorpusError) -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0 else { throw CorpusError(path: path, problem: .noFile) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw CorpusError(path: path, problem: .noRegularFile) }
    guard status.st_size < mostBytes else { throw CorpusError(path: path, problem: .tooLarge(Int(status.st_size))) }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CorpusError(path: path, problem: .unreadable)
    }
    return [UInt8](data)
  }

  private static func firstLineNotUTF8(_ bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    // No byte of a longer character is a line feed, so that lines can be looked at one by one.
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
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
