import DecoderTransformer
import Recurve

/// The character GPT as commands know it.
public enum Characters {
  public static let family: ModelFamily = ModelFamily(
    name: "character-gpt", summary: "A small GPT that continues a text of yours, by characters or byte pairs",
    presets: presets.map(\.preset),
    depthName: "layers", settings: Setting.all, repetition: { _ in .layers }, make: { try task($0) },
    open: { try opened($0) })

  private static let presets: [(preset: ModelPreset, sizes: GPT.Sizes)] = [
    preset("nano", GPT.Sizes(width: 128, layers: 4, heads: 4, vocabulary: 0, context: 64), batch: 32, steps: 1500),
    preset("small", GPT.Sizes(width: 256, layers: 6, heads: 8, vocabulary: 0, context: 128), batch: 32, steps: 3000),
  ]

  private static func preset(
    _ name: String, _ sizes: GPT.Sizes, batch: Int, steps: Int
  ) -> (ModelPreset, GPT.Sizes) {
    var recipe = Recipe(
      steps: steps, weightDecay: 0.1, learningRate: 2e-3, warmUp: 100, schedule: .cosine, clippingNorm: 1)
    (recipe.finalShare, recipe.decaysMatricesOnly, recipe.validateEvery) = (0.1, true, 250)
    return (ModelPreset(name, batch: batch, depth: sizes.layers, recipe: recipe), sizes)
  }

  /// - Throws: `CharacterGPTError`, `TextFileError`, `ModelFamilyError`.
  private static func task(_ options: ModelOptions) throws -> CharacterTask {
    let (sizes, text) = (try sizes(options), try text(options))
    do {
      let (vocabulary, windows) = try windows(of: text, options, length: sizes.context)
      return CharacterTask(
        try sizes.reading(vocabulary, options), vocabulary, windows, batch: options.batch ?? 1)
    } catch let error as TokenWindowError { throw TextFileError(path: text.path, problem: "\(error)") } catch let error
      as VocabularyError
    { throw TextFileError(path: text.path, problem: "\(error)") }
  }

  private static func windows(
    of text: TextDocuments, _ options: ModelOptions, length: Int
  ) throws -> (any TextVocabulary, TokenWindows) {
    let (pairCount, unknown) = (try pairCount(options), options.integer(Setting.unknown.name))
    if text.documents.count > 1 || unknown > 0 {
      let tokens =
        try pairCount.map { try DocumentTokens(text, pairs: $0) } ?? DocumentTokens(text, minimumCount: unknown)
      return (tokens.vocabulary, try TokenWindows(tokens, length: length, seed: options.seed))
    }
    if let pairCount {
      let pairs = try BytePairText(text.text, tokens: pairCount)
      return (pairs.vocabulary, try TokenWindows(pairs, length: length, seed: options.seed))
    }
    let vocabulary = try CharacterVocabulary(of: text.text)
    return (vocabulary, try TokenWindows(try vocabulary.encode(text.text), length: length, seed: options.seed))
  }

  /// The model of a run with the vocabulary that its checkpoint holds: the text is not needed to continue another one.
  private static func opened(_ run: TrainedRun) throws -> CharacterTask {
    guard let tensor = run.progress["vocabulary"] else {
      throw CharacterGPTError.noVocabulary(run.folder.checkpoint)
    }
    let options = try family.completed(run.record.options)
    let isOfPairs = try pairCount(options) != nil
    let vocabulary = try vocabulary(tensor, isOfPairs: isOfPairs, of: run.folder.checkpoint)
    let sizes = try sizes(options).reading(vocabulary, options)
    return CharacterTask(sizes, vocabulary, nil, batch: options.batch ?? 1)
  }

  /// - Throws: `CheckpointError` for numbers that are no vocabulary.
  private static func vocabulary(
    _ tensor: HostTensor, isOfPairs: Bool, of checkpoint: String
  ) throws -> any TextVocabulary {
    do {
      if isOfPairs { return try BytePairVocabulary(tensor) }
      return try CharacterVocabulary(tensor)
    } catch { throw CheckpointError(path: checkpoint, problems: ["the vocabulary is none: \(error)"]) }
  }

  private static func sizes(_ options: ModelOptions) throws -> GPT.Sizes {
    guard var sizes = presets.first(where: { $0.preset.name == options.preset })?.sizes else {
      throw ModelFamilyError.unknown("preset", options.preset ?? "", known: presets.map(\.preset.name))
    }
    try GPT.Sizes.check(layers: options.depth)
    sizes.layers = options.depth ?? sizes.layers
    sizes.dropout = options.number(Setting.dropout.name)
    sizes.positions = options.settings[Setting.positions.name].flatMap(GPT.Sizes.Positions.init) ?? sizes.positions
    if let batch = options.batch, batch < 1 {
      throw ModelFamilyError.setting("batch", found: "\(batch)", needed: "at least 1")
    }
    return sizes
  }
}

extension GPT.Sizes {
  /// The sizes for texts of a vocabulary.
  ///
  /// - Throws: `ModelFamilyError.setting`.
  fileprivate func reading(_ vocabulary: any TextVocabulary, _ options: ModelOptions) throws -> GPT.Sizes {
    var sizes = self
    sizes.documentStart = try Characters.documentStart(options, vocabulary)
    return sizes
  }
}
