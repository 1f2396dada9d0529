import Foundation
import TensorTypes

/// A text as byte pairs, its last tenth held out: the pairs are those of the rest alone.
public struct BytePairText: Sendable {
  public let vocabulary: BytePairVocabulary
  public let training: [Int32]
  public let validation: [Int32]

  /// - Parameters:
  ///   - count: tokens, 256 at least; fewer where no pair is there twice any more.
  ///   - observe: told how many tokens there are; returns whether to go on.
  /// - Throws: `BytePairError`.
  public init(_ text: String, tokens count: Int, _ observe: (Int) -> Bool = { _ in true }) throws {
    let parts = Self.parts(of: text)
    vocabulary = try BytePairVocabulary(of: parts.training, count: count, observe)
    (training, validation) = (vocabulary.encode(parts.training), vocabulary.encode(parts.validation))
  }

  /// Documents as byte pairs. Where there is more than one, they stand between tokens `<end>`, as in `DocumentTokens`.
  ///
  /// - Parameter count: tokens that texts spell, 256 at least; fewer where no pair is there twice any more.
  /// - Throws: `BytePairError` for a smaller count.
  public init(_ text: TextDocuments, tokens count: Int) throws {
    let parts = DocumentParts(text.documents)
    // No pair reaches over white space, and so none over an end.
    let known = parts.training.joined(separator: "\n")
    let vocabulary = try BytePairVocabulary(of: known, count: count, special: parts.special)
    self.vocabulary = vocabulary
    (training, validation) = parts.tokens(vocabulary) { vocabulary.encode($0) }
  }

  /// The text in two, cut before the white space that follows nine tenths of its bytes, so that no token is.
  static func parts(of text: String) -> (training: String, validation: String) {
    parts(of: text, cutNear: text.utf8.count - text.utf8.count / 10)
  }

  /// The text in two, cut before the white space that follows so many bytes.
  static func parts(of text: String, cutNear count: Int) -> (training: String, validation: String) {
    let bytes = text.utf8
    let near = bytes.index(bytes.startIndex, offsetBy: count)
    let border = bytes[near...].firstIndex { $0 == 32 || (9...13).contains($0) } ?? bytes.endIndex
    return (String(decoding: bytes[..<border], as: UTF8.self), String(decoding: bytes[border...], as: UTF8.self))
  }

  /// A hash of all tokens, as sixteen hexadecimal digits.
  public var hash: String {
    func bytes(_ tokens: [Int32]) -> some Sequence<UInt8> {
      tokens.lazy.flatMap { token in (0..<4).lazy.map { UInt8(truncatingIfNeeded: token >> (8 * $0)) } }
    }
    let digits = String(ByteHash.of(bytes(validation), from: ByteHash.of(bytes(training))), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Tokens of the held-out part that texts spell: `<end>` is not among them.
  public var heldOutCount: Int {
    let spelled = spelledCount
    return validation.count { Int($0) < spelled }
  }

  private var spelledCount: Int { vocabulary.count - vocabulary.special.count }

  /// Minus the mean logarithm of the probability that a token has in the held-out part, if all that is known is how often each
  /// was there before: counts and one more for each token. What a model must be below to have learned anything of contexts.
  /// It is of tokens that texts spell alone.
  public var unigramLoss: Double {
    var counts = Array(repeating: 1.0, count: spelledCount)
    for token in training where Int(token) < counts.count { counts[Int(token)] += 1 }
    let total = counts.reduce(0, +)
    let asked = validation.filter { Int($0) < counts.count }
    return -asked.reduce(0) { $0 + log(counts[Int($1)] / total) } / Double(asked.count)
  }
}
