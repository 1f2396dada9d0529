import Files
import Foundation
import TensorTypes

/// Tokens of several bytes each, found in a text: bytes are the tokens 0 to 255, each later one is two earlier ones side by
/// side (Sennrich et al. 2016). Any text is encoded, and decoded to the same bytes; no token reaches over white space.
///
///     let vocabulary = BytePairVocabulary(of: text, count: 8192)
///     vocabulary.decode(vocabulary.encode("a line"))       // "a line"
public struct BytePairVocabulary: Sendable {
  /// The two tokens of which each is made, from token 256 on.
  public let merges: [Pair]
  private let ranks: [Pair: Int32]
  private let texts: [[UInt8]]

  public struct Pair: Sendable, Hashable {
    public var first: Int32
    public var second: Int32
  }

  /// Of a token: pairs of pairs double.
  static let mostBytes = 65_536

  /// - Throws: `BytePairError` for a token that is made of what is no earlier token, that is there already or that is too long.
  public init(_ merges: [Pair]) throws {
    var ranks: [Pair: Int32] = [:]
    var texts = (0...255).map { [UInt8($0)] }
    for (index, pair) in merges.enumerated() {
      let known = 0..<Int32(256 + index)
      guard known.contains(pair.first), known.contains(pair.second) else {
        throw BytePairError(
          line: index + 2, found: "\(pair.first) \(pair.second)", needed: "two of the tokens 0..<\(256 + index)")
      }
      guard ranks.updateValue(Int32(256 + index), forKey: pair) == nil else {
        throw BytePairError(line: index + 2, found: "\(pair.first) \(pair.second) again", needed: "each pair once")
      }
      let length = texts[Int(pair.first)].count + texts[Int(pair.second)].count
      guard length <= Self.mostBytes else {
        throw BytePairError(
          line: index + 2, found: "a token of \(length) bytes", needed: "at most \(Self.mostBytes)")
      }
      texts.append(texts[Int(pair.first)] + texts[Int(pair.second)])
    }
    (self.merges, self.ranks, self.texts) = (merges, ranks, texts)
  }

  /// The vocabulary of a text.
  ///
  /// - Parameters:
  ///   - count: tokens, 256 at least; fewer where no pair is there twice any more.
  ///   - observe: told how many tokens there are; returns whether to go on.
  /// - Throws: `BytePairError` for a smaller count.
  public init(of text: String, count: Int, _ observe: (Int) -> Bool = { _ in true }) throws {
    guard count >= 256 else { throw BytePairError(line: nil, found: "\(count) tokens", needed: "256 at least") }
    var words = WordCounts(Array(text.utf8))
    words.read()
    var training = BytePairTraining(words)
    training.run(until: count, observe)
    try self.init(training.merges.map { Pair(first: $0.0, second: $0.1) })
  }

  public var count: Int { texts.count }

  public func encode(_ text: String) -> [Int32] {
    var words = WordCounts(Array(text.utf8))
    // Each word is encoded once.
    var (known, tokens): ([[Int32]], [Int32]) = ([], [])
    var order: [Int32] = []
    words.read { order.append(Int32($0)) }
    known = words.words.indices.map { encode(word: words.word($0)) }
    tokens.reserveCapacity(order.count * 2)
    for word in order { tokens += known[Int(word)] }
    return tokens
  }

  private func encode(word: ArraySlice<UInt8>) -> [Int32] {
    var tokens = word.map(Int32.init)
    while tokens.count > 1 {
      let pairs = zip(tokens, tokens.dropFirst()).map { Pair(first: $0, second: $1) }
      let first = pairs.compactMap { pair in ranks[pair].map { (rank: $0, pair: pair) } }.min { $0.rank < $1.rank }
      guard let first else { break }
      tokens = BytePairTraining.merged(tokens, first.pair.first, first.pair.second, first.rank)
    }
    return tokens
  }

  /// The bytes of a token; none for a number that is no token.
  public func bytes(of token: Int32) -> [UInt8] { texts.indices.contains(Int(token)) ? texts[Int(token)] : [] }

  /// Bytes that are no UTF-8 become U+FFFD.
  public func decode(_ tokens: some Sequence<Int32>) -> String {
    String(decoding: tokens.flatMap(bytes), as: UTF8.self)
  }

  // MARK: Files

  private static let header = "recurve byte pairs 1"

  /// Writes a line for each token from 256 on: the two tokens that it is made of.
  ///
  /// - Throws: `OutputFileError` when the file system refuses.
  public func write(to path: String) throws {
    let lines = [Self.header] + merges.map { "\($0.first) \($0.second)" }
    try OutputFile.write(lines.joined(separator: "\n") + "\n", to: path)
  }

  /// - Throws: `TextFileError` and `BytePairError` for a file that holds no vocabulary.
  public init(path: String) throws {
    let lines = try TextFile(path: path).lines
    guard lines.first ?? "" == Self.header else {
      throw TextFileError(path: path, line: 1, problem: "needs '\(Self.header)', the first line of a vocabulary")
    }
    let rest = lines.dropFirst().last?.isEmpty == true ? lines.dropFirst().dropLast() : lines.dropFirst()
    let merges = try rest.enumerated().map { index, line in
      let numbers = line.split(separator: " ", omittingEmptySubsequences: false).map { Int32($0) }
      guard numbers.count == 2, let first = numbers[0], let second = numbers[1] else {
        throw TextFileError(path: path, line: index + 2, problem: "got '\(line)', needs the numbers of two tokens")
      }
      return Pair(first: first, second: second)
    }
    do { try self.init(merges) } catch let error as BytePairError {
      throw TextFileError(path: path, line: error.line, problem: "\(error)")
    }
  }
}

/// What is no vocabulary of byte pairs.
public struct BytePairError: Error, Hashable, CustomStringConvertible {
  /// Of its file.
  public var line: Int?
  public var found: String
  public var needed: String

  public var description: String { "got \(found), needs \(needed)" }
}
