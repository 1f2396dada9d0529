import Recurve

extension TinyRecursion {
  /// The model as commands know it.
  public static let family: ModelFamily = ModelFamily(
    name: "tiny-recursion",
    summary: "Tiny Recursive Model: Sudokus and mazes by nested recursion with deep supervision",
    presets: Sizes.presets.map { name, sizes in
      ModelPreset(
        name, batch: sizes.batch, depth: sizes.cycles, gradient: .last(1), recipe: recipe(sizes),
        trainedVariant: trainedVariant(sizes)?.rawValue)
    }, presetForFiles: "mini", variants: Sizes.Variant.allCases.map(\.rawValue), depthName: "cycles",
    make: { try TinyRecursionTask($0) })

  /// On Sudokus a layer along the positions learns far faster than attention, as published. Attention had found no path
  /// through a small maze after 600 steps: cells are given their neighbours there.
  private static func trainedVariant(_ sizes: Sizes) -> Sizes.Variant? {
    switch sizes.puzzle {
    case .sudoku: .mixer
    case .maze: sizes.width < Sizes.reference.width ? .convolution : nil
    case .arc: nil
    }
  }

  private static func recipe(_ sizes: Sizes) -> Recipe {
    if sizes.width >= Sizes.reference.width { return publishedRecipe(sizes) }
    var recipe = minutesRecipe
    // Nothing is solved before cells far from each other act together.
    if sizes.puzzle == .maze { recipe.steps = 3000 }
    return recipe
  }

  /// What a processor learns small puzzles by in minutes.
  private static let minutesRecipe: Recipe = {
    var recipe = Recipe(
      steps: 700, rule: .adamATan2, weightDecay: 0.1, learningRate: 3e-3, warmUp: 50, schedule: .cosine,
      averageShare: 0.99)
    recipe.finalShare = 0.1
    recipe.validateEvery = 100
    return recipe
  }()

  /// As published, but for the batch of 768, which is an option.
  private static func publishedRecipe(_ sizes: Sizes) -> Recipe {
    let isARC = sizes.puzzle == .arc
    return Recipe(
      steps: isARC ? 723_914 : 65_104, rule: .adamATan2, weightDecay: isARC ? 0.1 : 1, learningRate: 1e-4, warmUp: 2000,
      averageShare: 0.999)
  }
}
