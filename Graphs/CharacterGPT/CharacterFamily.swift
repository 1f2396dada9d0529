import DecoderTransformer
import Recurve

/// The character GPT as commands know it.
public enum Characters {
  public static let family: ModelFamily = ModelFamily(
    name: "character-gpt", summary: "A small GPT that continues a text of yours, character by character",
    presets: presets.map(\.preset),
    depthName: "layers",
    settings: [
      ModelSetting("dropout", "the share of numbers that training sets to zero", .numbers(0...0.99), standard: "0.0")
    ], make: { try task($0) }, open: { try opened($0) })

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

  /// - Throws: `CharacterGPTError`, `TextFileError`, `TokenWindowError`.
  private static func task(_ options: ModelOptions) throws -> CharacterTask {
    guard let path = options.dataPath else { throw CharacterGPTError.noData }
    let text = try TextFile(path: path).text
    do {
      return try task(options, try CharacterVocabulary(of: text), text)
    } catch let error as TokenWindowError { throw TextFileError(path: path, problem: "\(error)") } catch let error
      as VocabularyError
    { throw TextFileError(path: path, problem: "\(error)") }
  }

  /// The model of a run with the vocabulary that its checkpoint holds: the text is not needed to continue another one.
  private static func opened(_ run: TrainedRun) throws -> CharacterTask {
    guard let tensor = run.progress["vocabulary"] else {
      throw CharacterGPTError.noVocabulary(run.folder.checkpoint)
    }
    return try task(try family.completed(run.record.options), try CharacterVocabulary(tensor), nil)
  }

  private static func task(
    _ options: ModelOptions, _ vocabulary: CharacterVocabulary, _ text: String?
  ) throws -> CharacterTask {
    guard var sizes = presets.first(where: { $0.preset.name == options.preset })?.sizes else {
      throw ModelFamilyError.unknown("preset", options.preset ?? "", known: presets.map(\.preset.name))
    }
    try GPT.Sizes.check(layers: options.depth)
    sizes.layers = options.depth ?? sizes.layers
    sizes.dropout = options.number("dropout")
    // Nothing of this model is repeated that a gradient could reach back through.
    guard options.gradient == .full else {
      throw ModelFamilyError.setting("gradient", found: "\(options.gradient ?? .full)", needed: "full")
    }
    let batch = options.batch ?? 1
    if batch < 1 { throw ModelFamilyError.setting("batch", found: "\(batch)", needed: "at least 1") }
    return try CharacterTask(sizes, vocabulary, text: text, batch: batch, seed: options.seed)
  }
}
