/// Tokens of several bytes each, found in a text: bytes are the tokens 0 to 255, each later one is two earlier ones side by
/// side (Sennrich et al. 2016). Any text is encoded, and decoded to the same bytes; no token reaches over white space. Special
/// tokens follow, which no text spells.
///
///     let vocabulary = try BytePairVocabulary(of: text, count: 8192, special: ["<end>"])
///     vocabulary.decode(vocabulary.encode("a line"))       // "a line"
public struct BytePairVocabulary: Sendable {
  /// The two tokens of which each is made, from token 256 on.
  public let merges: [Pair]
  /// Names of the tokens behind those.
  public let special: [String]
  /// The token that each pair becomes.
  let ranks: [Pair: Int32]
  /// Bytes of each token that texts spell.
  let lengths: [Int]
  private let texts: [[UInt8]]

  public struct Pair: Sendable, Hashable {
    public var first: Int32
    public var second: Int32
  }

  /// Of a token: pairs of pairs double.
  static let mostBytes = 65_536

  /// - Parameter special: names of tokens that no text spells, each once, without line ends.
  /// - Throws: `BytePairError` for a token that is made of what is no earlier token, that is there already or that is too long;
  ///   for what is no name.
  public init(_ merges: [Pair], special: [String] = []) throws {
    let names = Set(special)
    guard names.count == special.count, !names.contains(""), !names.contains(where: { $0.contains(where: \.isNewline) })
    else { throw BytePairError(line: nil, found: "special tokens \(special)", needed: "names of one line, each once") }
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
    (self.merges, self.ranks, self.texts, self.special) = (merges, ranks, texts, special)
    lengths = texts.map(\.count)
  }

  /// The vocabulary of a text.
  ///
  /// - Parameters:
  ///   - count: tokens that texts spell, 256 at least; fewer where no pair is there twice any more.
  ///   - special: names of tokens behind those.
  ///   - observe: told how many tokens there are; returns whether to go on.
  /// - Throws: `BytePairError` for a smaller count.
  public init(
    of text: String, count: Int, special: [String] = [], _ observe: (Int) -> Bool = { _ in true }
  ) throws {
    guard count >= 256 else { throw BytePairError(line: nil, found: "\(count) tokens", needed: "256 at least") }
    var words = WordCounts(Array(text.utf8))
    words.read([0..<words.byteCount])
    var training = BytePairTraining(words)
    training.run(until: count, observe)
    try self.init(training.merges, special: special)
  }

  public var count: Int { texts.count + special.count }

  /// The bytes of a token; none for a special one, which no text spells, and for a number that is no token.
  public func bytes(of token: Int32) -> [UInt8] { texts.indices.contains(Int(token)) ? texts[Int(token)] : [] }

  /// Special tokens by their names; bytes that are no UTF-8 become U+FFFD.
  public func decode(_ tokens: some Sequence<Int32>) -> String {
    String(decoding: tokens.flatMap(shown), as: UTF8.self)
  }

  private func shown(_ token: Int32) -> [UInt8] {
    let place = Int(token) - texts.count
    return special.indices.contains(place) ? Array(special[place].utf8) : bytes(of: token)
  }

  /// The number of a special token; nil where there is none of that name.
  public func number(ofSpecial name: String) -> Int32? {
    special.firstIndex(of: name).map { Int32(texts.count + $0) }
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
