import TensorTypes

/// Which parts of texts are tokens, by their numbers.
public protocol TextVocabulary: Sendable {
  var count: Int { get }

  /// - Throws: what the text has that is no token.
  func encode(_ text: String) throws -> [Int32]

  /// The text of tokens, special ones by their names; what is none is shown as U+FFFD.
  func decode(_ tokens: some Sequence<Int32>) -> String

  /// What it stands for in a text, in UTF-8; of a token that is a part of a character alone, a part of that. None for a special
  /// token, which no text spells.
  func bytes(of token: Int32) -> [UInt8]

  /// The number of a token that no text spells; nil where there is none of that name.
  func number(ofSpecial name: String) -> Int32?

  /// The vocabulary as a checkpoint holds it, of numbers.
  var tensor: HostTensor { get }

  /// Why tokens of a checkpoint mean something else here; nil where they do not.
  ///
  /// - Parameter tensor: the vocabulary that it holds.
  func problem(in tensor: HostTensor) -> String?
}

extension CharacterVocabulary: TextVocabulary {
  public func bytes(of token: Int32) -> [UInt8] {
    characters.indices.contains(Int(token)) ? Array(name(of: token).utf8) : []
  }
}

extension BytePairVocabulary: TextVocabulary {}

/// Special tokens that mean the same in every vocabulary that has them.
public enum SpecialToken {
  /// What stands for characters that a vocabulary has not, by which such are encoded.
  public static let unknown: String = "<unk>"
  /// What stands between documents, and ends an answer.
  public static let end: String = "<end>"
}

/// How long a text is, in each unit that figures of language models are given in. Special tokens are tokens alone, and end words.
public struct TextLength: Sendable, Hashable {
  public var tokens = 0
  public var bytes = 0
  /// Unicode scalars.
  public var characters = 0
  /// Runs of what is not white space.
  public var words = 0
  /// Tokens that stand for characters of which no more is known: the other figures, but for tokens, are of a text without them.
  public var unknown = 0

  /// - Parameter tokens: of a text, in its order.
  public init(of tokens: some Sequence<Int32>, in vocabulary: some TextVocabulary) {
    let unknownToken = vocabulary.number(ofSpecial: SpecialToken.unknown)
    var isInWord = false
    for token in tokens {
      self.tokens += 1
      unknown += token == unknownToken ? 1 : 0
      let own = vocabulary.bytes(of: token)
      isInWord = isInWord && !own.isEmpty
      for byte in own {
        bytes += 1
        // Bytes that go on with a character begin with the bits 10.
        characters += byte & 0xC0 == 0x80 ? 0 : 1
        let isSpace = byte == 0x20 || (0x09...0x0D).contains(byte)
        words += isInWord || isSpace ? 0 : 1
        isInWord = !isSpace
      }
    }
  }
}
