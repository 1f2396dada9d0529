import Recurve

extension MaskedLanguageModel {
  /// The model as commands know it.
  public static let family: ModelFamily = ModelFamily(
    name: "masked-language-model", summary: "BERT in small: finds what was masked in a text, by layers or by recursion",
    presets: presets.map(\.preset), presetForFiles: "text", variants: Variant.allCases.map(\.rawValue),
    depthName: "applications", settings: Setting.all,
    repetition: { $0 == Variant.recurrent.rawValue ? .recursion : .layers },
    make: { try MaskedLanguageTask($0, text: try text(of: $0)) }, open: { try MaskedLanguageTask(opening: $0) })

  private static let presets: [(preset: ModelPreset, sizes: Sizes)] = [
    preset(
      "demonstration", Sizes(width: 128, heads: 4, depth: 4, vocabulary: 0, context: 32), vocabulary: 1024,
      steps: 1000, rate: 1e-3),
    preset(
      "text", Sizes(width: 256, heads: 4, depth: 4, vocabulary: 0, context: 128), vocabulary: 8192, steps: 2600,
      rate: 1e-3),
  ]

  private static func preset(
    _ name: String, _ sizes: Sizes, vocabulary: Int, steps: Int, rate: Double
  ) -> (ModelPreset, Sizes) {
    var recipe = Recipe(
      steps: steps, weightDecay: 0.01, learningRate: rate, warmUp: 100, schedule: .linear, clippingNorm: 1)
    (recipe.decaysMatricesOnly, recipe.validateEvery) = (true, 200)
    let settings = [Setting.vocabulary.name: "\(vocabulary)"]
    return (ModelPreset(name, batch: 32, depth: sizes.depth, recipe: recipe, settings: settings), sizes)
  }

  /// Sizes of a preset, but for what the text and the options say.
  static func sizes(of name: String) throws -> Sizes {
    guard let sizes = presets.first(where: { $0.preset.name == name })?.sizes else {
      throw ModelFamilyError.unknown("preset", name, known: presets.map(\.preset.name))
    }
    return sizes
  }

  /// The text of options, as tokens.
  ///
  /// - Parameter options: complete.
  /// - Throws: `TextFileError`, `ModelFamilyError.setting`.
  static func text(of options: ModelOptions) throws -> BytePairText {
    let (text, most) = (try documents(of: options), options.integer(Setting.vocabulary.name))
    // Numbers are left for [MASK], and for what stands between documents.
    let count = most - (text.documents.count > 1 ? 2 : 1)
    guard count >= 256 else {
      let needed = "at least 258 for documents: 256 bytes, \(SpecialToken.end) and \(FilledText.mask)"
      throw ModelFamilyError.setting(Setting.vocabulary.name, found: "\(most)", needed: needed)
    }
    return try BytePairText(text, tokens: count)
  }

  private static func documents(of options: ModelOptions) throws -> TextDocuments {
    let division = try TextDocuments.Division(of: options)
    if let path = options.dataPath { return try TextDocuments(path: path, division) }
    guard division == .files else {
      throw ModelFamilyError.setting(
        Setting.documents.name, found: options.settings[Setting.documents.name] ?? "",
        needed: "files without --data, for the demonstration text is one document")
    }
    return TextDocuments(TextFile(text: DemonstrationText.text, path: "the demonstration text"))
  }

  /// What only this model has.
  enum Setting {
    static let vocabulary = ModelSetting(
      "vocabulary", "tokens at most: the bytes, pairs of tokens found in the text, <end> between documents, and [MASK]",
      .wholeNumbers(257...1_000_000), standard: "8192")
    static let masked = ModelSetting(
      "masked", "the share of the tokens that the model has to find", .numbers(0.01...0.9), standard: "0.15")
    static let dropout = ModelSetting(
      "dropout", "the share of numbers that training sets to zero", .numbers(0...0.99), standard: "0.0")
    static let documents = TextDocuments.Division.setting

    static let all = [vocabulary, masked, dropout, documents]
  }
}

extension MaskedLanguageModel.Sizes {
  /// - Parameters:
  ///   - options: complete.
  ///   - vocabulary: of the text.
  /// - Throws: `ModelFamilyError`.
  init(_ options: ModelOptions, _ vocabulary: BytePairVocabulary) throws {
    typealias Setting = MaskedLanguageModel.Setting
    self = try MaskedLanguageModel.sizes(of: options.preset ?? "").reading(vocabulary)
    variant = options.variant.flatMap(MaskedLanguageModel.Variant.init) ?? variant
    depth = options.depth ?? depth
    maskedShare = options.number(Setting.masked.name)
    dropout = options.number(Setting.dropout.name)
    guard (1...1000).contains(depth) else {
      throw ModelFamilyError.setting("depth", found: "\(depth)", needed: "a whole number from 1 to 1000")
    }
  }
}
