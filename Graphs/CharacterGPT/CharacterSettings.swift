import DecoderTransformer
import Recurve

extension Characters {
  /// What only this model has.
  enum Setting {
    static let dropout = ModelSetting(
      "dropout", "the share of numbers that training sets to zero", .numbers(0...0.99), standard: "0.0")
    static let vocabulary = ModelSetting(
      "vocabulary", "what tokens are", .text(needed: vocabularyNeeded), standard: characters)
    static let unknown = ModelSetting(
      "unknown",
      "characters that training has fewer times, or not, are one token, \(SpecialToken.unknown); 0: it knows all",
      .wholeNumbers(0...1_000_000_000), standard: "0")
    static let documents = TextDocuments.Division.setting
    static let attention = ModelSetting(
      "attention", "what a position looks at: all of the sequence before it, or only its own document",
      .choices(["sequence", ownDocument]), standard: "sequence")
    static let positions = ModelSetting(
      "positions",
      "where tokens stand: by vectors (learned, sinusoidal), by turning (rotary), by distances in attention (alibi, t5)",
      .choices(GPT.Sizes.Positions.ofAnyText.map(\.rawValue)), standard: GPT.Sizes.Positions.rotary.rawValue)

    static let all = [dropout, vocabulary, unknown, documents, attention, positions]

    fileprivate static let characters = "characters"
    fileprivate static let ownDocument = "document"
    fileprivate static let vocabularyNeeded = "characters, or a number of byte pairs and bytes from 256 to 65536"
  }

  /// How many tokens of byte pairs there are; nil for characters.
  ///
  /// - Throws: `ModelFamilyError.setting`, also where bytes spell what would be unknown.
  static func pairCount(_ options: ModelOptions) throws -> Int? {
    let text = options.settings[Setting.vocabulary.name] ?? Setting.characters
    if text == Setting.characters { return nil }
    guard let count = Int(text), (256...65_536).contains(count) else {
      throw ModelFamilyError.setting(Setting.vocabulary.name, found: text, needed: Setting.vocabularyNeeded)
    }
    let unknown = options.integer(Setting.unknown.name)
    guard unknown == 0 else {
      throw ModelFamilyError.setting(
        Setting.unknown.name, found: "\(unknown)",
        needed: "0 where tokens are byte pairs, for bytes spell every character")
    }
    return count
  }

  /// The text of options, as documents.
  ///
  /// - Throws: `CharacterGPTError.noData`, `TextFileError`, `ModelFamilyError.setting`.
  static func text(_ options: ModelOptions) throws -> TextDocuments {
    guard let path = options.dataPath else { throw CharacterGPTError.noData }
    return try TextDocuments(path: path, TextDocuments.Division(of: options))
  }

  /// The token with which documents begin, where positions see only their own; nil where they see all before them.
  ///
  /// - Throws: `ModelFamilyError.setting` where nothing tells documents apart.
  static func documentStart(_ options: ModelOptions, _ vocabulary: any TextVocabulary) throws -> Int32? {
    guard options.settings[Setting.attention.name] == Setting.ownDocument else { return nil }
    guard let end = vocabulary.number(ofSpecial: SpecialToken.end) else {
      throw ModelFamilyError.setting(
        Setting.attention.name, found: Setting.ownDocument,
        needed: "a text of more than one document: a folder of files, or the setting documents")
    }
    return end
  }
}
