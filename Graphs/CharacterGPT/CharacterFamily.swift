import DecoderTransformer
import Recurve

/// The character GPT as commands know it.
public enum Characters {
  public static let family: ModelFamily = ModelFamily(
    name: "character-gpt", summary: "A small GPT that continues a text of yours, by characters or byte pairs",
    presets: presets.map(\.preset),
    depthName: "layers",
    settings: [
      ModelSetting("dropout", "the share of numbers that training sets to zero", .numbers(0...0.99), standard: "0.0"),
      ModelSetting(
        "vocabulary", "what tokens are", .text(needed: vocabularyNeeded), standard: characters),
    ], repetition: { _ in .layers }, make: { try task($0) }, open: { try opened($0) })

  private static let characters = "characters"
  private static let vocabularyNeeded = "characters, or a number of byte pairs and bytes from 256 to 65536"

  /// How many tokens of byte pairs there are; nil for characters.
  ///
  /// - Throws: `ModelFamilyError.setting`.
  private static func pairCount(_ options: ModelOptions) throws -> Int? {
    let text = options.settings["vocabulary"] ?? characters
    if text == characters { return nil }
    guard let count = Int(text), (256...65_536).contains(count) else {
      throw ModelFamilyError.setting("vocabulary", found: text, needed: vocabularyNeeded)
    }
    return count
  }

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
    guard let path = options.dataPath else { throw CharacterGPTError.noData }
    let (sizes, pairCount) = (try sizes(options), try pairCount(options))
    let text = try TextFile(path: path).text
    do {
      if let pairCount {
        let pairs = try BytePairText(text, tokens: pairCount)
        let windows = try TokenWindows(pairs, length: sizes.context, seed: options.seed)
        return CharacterTask(sizes, pairs.vocabulary, windows, batch: options.batch ?? 1)
      }
      let vocabulary = try CharacterVocabulary(of: text)
      let windows = try TokenWindows(try vocabulary.encode(text), length: sizes.context, seed: options.seed)
      return CharacterTask(sizes, vocabulary, windows, batch: options.batch ?? 1)
    } catch let error as TokenWindowError { throw TextFileError(path: path, problem: "\(error)") } catch let error
      as VocabularyError
    { throw TextFileError(path: path, problem: "\(error)") }
  }

  /// The model of a run with the vocabulary that its checkpoint holds: the text is not needed to continue another one.
  private static func opened(_ run: TrainedRun) throws -> CharacterTask {
    guard let tensor = run.progress["vocabulary"] else {
      throw CharacterGPTError.noVocabulary(run.folder.checkpoint)
    }
    let options = try family.completed(run.record.options)
    let isOfPairs = try pairCount(options) != nil
    let vocabulary = try vocabulary(tensor, isOfPairs: isOfPairs, of: run.folder.checkpoint)
    return CharacterTask(try sizes(options), vocabulary, nil, batch: options.batch ?? 1)
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
    sizes.dropout = options.number("dropout")
    if let batch = options.batch, batch < 1 {
      throw ModelFamilyError.setting("batch", found: "\(batch)", needed: "at least 1")
    }
    return sizes
  }
}
