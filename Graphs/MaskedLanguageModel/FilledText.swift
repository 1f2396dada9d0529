import Foundation
import Recurve

/// A text with blanks, and what a model would write in them.
struct FilledText: Codable, Sendable {
  var text: String
  /// In the order of the text.
  var blanks: [Blank]

  struct Blank: Codable, Sendable {
    /// The most probable tokens, the most probable first.
    var choices: [Choice]
  }

  struct Choice: Codable, Sendable {
    var token: String
    var probability: Double
  }

  /// What stands for a token that is to be found.
  static let mask = "[MASK]"

  /// Fills the blanks of a text by the weights of a run.
  ///
  /// - Parameter count: of the choices for each blank.
  /// - Throws: `MaskedLanguageError` for a text without blanks, or with more tokens than the model sees.
  init(_ text: String, _ task: MaskedLanguageTask, _ store: ParameterStore, top count: Int, _ options: CompilerOptions)
    throws
  {
    let (model, vocabulary) = (task.maskedModel, task.vocabulary)
    let tokens = Self.tokens(of: text, vocabulary)
    let places = tokens.indices.filter { tokens[$0] == vocabulary.count }
    if places.isEmpty { throw MaskedLanguageError.noMask(text) }
    let context = model.sizes.context
    guard tokens.count <= context else { throw MaskedLanguageError.length(found: tokens.count, needed: context) }
    let program = try store.program("fill", weights: .averaged, options) {
      model.filled($0, length: tokens.count, count: places.count)
    }
    let results = try program([
      "tokens": HostTensor([1, tokens.count], tokens), "places": HostTensor([places.count], places.map { Int32($0) }),
    ])
    let all = results["probabilities"]?.floats ?? []
    self.text = text
    blanks = places.indices.map { place in
      let own = all[place * (vocabulary.count + 1)..<(place + 1) * (vocabulary.count + 1)].enumerated()
      let best = own.sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }.prefix(count)
      return Blank(choices: best.map { Self.choice($0.offset, $0.element, vocabulary) })
    }
  }

  private static func choice(_ token: Int, _ probability: Float, _ vocabulary: BytePairVocabulary) -> Choice {
    let name = token == vocabulary.count ? mask : vocabulary.decode([Int32(token)])
    return Choice(token: name, probability: Double(probability))
  }

  /// The text with the number behind the vocabulary's for each blank. A token has the space before it, so that a space before
  /// a blank is the blank's.
  static func tokens(of text: String, _ vocabulary: BytePairVocabulary) -> [Int32] {
    let parts = text.components(separatedBy: mask)
    return parts.enumerated().flatMap { number, part -> [Int32] in
      if number == parts.count - 1 { return vocabulary.encode(part) }
      return vocabulary.encode(part.last == " " ? String(part.dropLast()) : part) + [Int32(vocabulary.count)]
    }
  }
}
