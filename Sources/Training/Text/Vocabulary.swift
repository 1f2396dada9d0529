import TensorTypes

/// Which texts are tokens, by their numbers: characters, and special tokens, which no text spells.
///
///     let vocabulary = try CharacterVocabulary(of: "abca", special: ["<end>"])
///     try vocabulary.encode("cab")                 // [2, 0, 1]
///     vocabulary.decode([2, 0, 1, 3])              // "cab<end>"
///
/// Characters are Unicode scalars, so that a text of them is encoded without loss. Those that the vocabulary has not are refused,
/// or become the special token `SpecialToken.unknown` where it has that. A checkpoint holds the vocabulary as a tensor, and
/// another one is refused.
public struct CharacterVocabulary: Sendable, Hashable {
  /// In the order of their numbers.
  public let characters: [Unicode.Scalar]
  /// Their numbers follow those of the characters.
  public let special: [String]
  private let numbers: [Unicode.Scalar: Int32]

  /// - Parameter special: names of tokens that are no characters.
  /// - Throws: `VocabularyError` when there are no characters, one is there twice, or a name has the zero scalar.
  public init(_ characters: [Unicode.Scalar], special: [String] = []) throws {
    if characters.isEmpty { throw VocabularyError.empty }
    var numbers: [Unicode.Scalar: Int32] = [:]
    for (number, scalar) in characters.enumerated() where numbers.updateValue(Int32(number), forKey: scalar) != nil {
      throw VocabularyError.repeated(String(Character(scalar)))
    }
    if numbers["\0"] != nil || special.contains(where: { $0.unicodeScalars.contains("\0") }) {
      throw VocabularyError.zero
    }
    guard Set(special).count == special.count else { throw VocabularyError.repeated(special.joined(separator: " ")) }
    (self.characters, self.special, self.numbers) = (characters, special, numbers)
  }

  /// The characters of texts, in the order of their code points.
  ///
  /// - Parameter minimumCount: those that are there fewer times are left out.
  public init(of texts: [String], special: [String] = [], minimumCount: Int = 1) throws {
    var counts: [Unicode.Scalar: Int] = [:]
    for text in texts { for scalar in text.unicodeScalars { counts[scalar, default: 0] += 1 } }
    try self.init(counts.filter { $0.value >= minimumCount }.keys.sorted(), special: special)
  }

  /// The characters of a text, in the order of their code points.
  public init(of text: String, special: [String] = []) throws { try self.init(of: [text], special: special) }

  public var count: Int { characters.count + special.count }

  /// The number of a special token; nil where there is none of that name.
  public func number(ofSpecial name: String) -> Int32? {
    special.firstIndex(of: name).map { Int32(characters.count + $0) }
  }

  /// The number of a character; nil where it is not in the vocabulary.
  public func number(of scalar: Unicode.Scalar) -> Int32? { numbers[scalar] }

  /// The numbers of a text's characters.
  ///
  /// - Throws: `VocabularyError.unknown` with the character and its place, where no special token stands for such.
  public func encode(_ text: String) throws -> [Int32] {
    let unknown = number(ofSpecial: SpecialToken.unknown)
    var (line, column) = (1, 1)
    return try text.unicodeScalars.map { scalar in
      guard let number = numbers[scalar] ?? unknown else {
        throw VocabularyError.unknown(scalar, line: line, column: column, near: near(scalar), count: count)
      }
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
      return number
    }
  }

  /// A character of the vocabulary that differs in case only.
  private func near(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    let forms = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
    return forms.flatMap(\.unicodeScalars).first { numbers[$0] != nil }
  }

  /// The text of tokens; special ones by their names, numbers that are none as U+FFFD.
  public func decode(_ tokens: some Sequence<Int32>) -> String {
    tokens.reduce(into: "") { text, token in text += name(of: token) }
  }

  /// The text of one token.
  public func name(of token: Int32) -> String {
    let number = Int(token)
    if characters.indices.contains(number) { return String(Character(characters[number])) }
    return special.indices.contains(number - characters.count) ? special[number - characters.count] : "\u{FFFD}"
  }

  // MARK: Files

  /// The vocabulary as a checkpoint holds it, `i32[n]`: the characters' code points, then each special name's behind a 0.
  public var tensor: HostTensor {
    let names = special.flatMap { name -> [Int32] in [0] + name.unicodeScalars.map { Int32($0.value) } }
    let all = characters.map { Int32($0.value) } + names
    return HostTensor([all.count], all)
  }

  /// - Throws: `VocabularyError` for numbers that are no vocabulary.
  public init(_ tensor: HostTensor) throws {
    guard tensor.elementType == .int32, tensor.shape.rank == 1 else {
      throw VocabularyError.notNumbers("\(tensor.type)")
    }
    let scalars = try tensor.integers.map { code in
      guard code >= 0, let scalar = Unicode.Scalar(UInt32(code)) else { throw VocabularyError.notScalar(code) }
      return scalar
    }
    let parts = scalars.split(separator: "\0", omittingEmptySubsequences: false)
    let names = parts.dropFirst().map { part in
      var name = String.UnicodeScalarView()
      name.append(contentsOf: part)
      return String(name)
    }
    try self.init(Array(parts.first ?? []), special: names)
  }

  /// How the vocabulary of a checkpoint differs from this one, for messages; nil where it does not.
  public func difference(from checkpoint: CharacterVocabulary) -> String? {
    if self == checkpoint { return nil }
    let (here, there) = (names, checkpoint.names)
    let (own, foreign) = (Set(here), Set(there))
    let (missing, unknown) = (there.filter { !own.contains($0) }, here.filter { !foreign.contains($0) })
    let parts = [
      missing.isEmpty ? nil : "the checkpoint has \(Self.listed(missing)), which \(Self.verb(missing)) not here",
      unknown.isEmpty ? nil : "\(Self.listed(unknown)) \(Self.verb(unknown)) not in the checkpoint",
    ].compactMap { $0 }
    return parts.isEmpty ? "the checkpoint has its tokens in another order" : parts.joined(separator: "; ")
  }

  private var names: [String] { (0..<Int32(count)).map { name(of: $0) } }

  private static func listed(_ names: [String]) -> String {
    names.prefix(8).map { "'\($0)'" }.joined(separator: " ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }

  private static func verb(_ names: [String]) -> String { names.count == 1 ? "is" : "are" }

  /// Why tokens of a checkpoint mean something else here; nil where they do not.
  ///
  /// - Parameter tensor: the vocabulary that it holds.
  public func problem(in tensor: HostTensor) -> String? {
    do {
      let difference = difference(from: try CharacterVocabulary(tensor))
      return difference.map { "the vocabulary is another one: \($0)" }
    } catch { return "the vocabulary is none: \(error)" }
  }

  public static func == (a: Self, b: Self) -> Bool { a.characters == b.characters && a.special == b.special }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(characters)
    hasher.combine(special)
  }
}
