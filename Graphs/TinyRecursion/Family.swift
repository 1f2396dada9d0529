import Recurve

extension TinyRecursion {
  /// The model as commands know it.
  public static let family: ModelFamily = ModelFamily(
    name: "tiny-recursion",
    summary: "Tiny Recursive Model: Sudokus and mazes by nested recursion with deep supervision",
    presets: Sizes.presets.map { name, sizes in
      ModelPreset(
        name, batch: sizes.batch, depth: sizes.cycles, gradient: .last(1), recipe: recipe(sizes),
        variant: variant(sizes)?.rawValue, settings: [updates: "\(sizes.updates)", side: "\(sizes.side)"])
    }, presetForFiles: "mini", variants: Sizes.Variant.allCases.map(\.rawValue), depthName: "cycles",
    settings: [
      ModelSetting(
        updates, "Latent updates of a cycle (n).", .wholeNumbers(ModelOptions.iterations),
        standard: "\(Sizes.nano.updates)"),
      sideSetting,
      rangeSetting(blanks, "Blanks of generated Sudokus; usual: 2-10 of 4x4, 4-22 of 6x6, 10-50 of 9x9."),
      rangeSetting(lengths, "Steps from start to goal of generated mazes; usual: half a side to two sides."),
    ], publishedNames: publishedNames,
    make: { try TinyRecursionTask($0) })

  /// The name of a setting.
  static let updates = "updates"

  /// What the published code (SamsungSAILMontreal/TinyRecursiveModels) calls its tensors. Its matrices are as ours are, outputs
  /// by inputs, with query, key and value as well as gate and up in one; of two scores only the first, to halt, is used.
  private static let publishedNames = [
    "**.inner.embed_tokens.embedding_weight = embedding.table", "**.inner.puzzle_emb.weights = puzzle",
    "**.inner.H_init = answerStart", "**.inner.L_init = latentStart", "**.inner.lm_head.weight = readout.weight",
    "**.inner.q_head.weight[0:1] = halting.weight", "**.inner.q_head.bias[0:1] = halting.bias",
    layer("self_attn.qkv_proj", "mixer.attention.0.queryKeyValue"),
    layer("self_attn.o_proj", "mixer.attention.0.output"),
    layer("mlp_t.gate_up_proj", "mixer.positions.gateUp"), layer("mlp_t.down_proj", "mixer.positions.down"),
    layer("mlp.gate_up_proj", "feedForward.gateUp"), layer("mlp.down_proj", "feedForward.down"),
  ]

  private static func layer(_ name: String, _ path: String) -> String {
    "**.inner.L_level.layers.*.\(name).weight = net.blocks.*.\(path).weight"
  }

  /// On Sudokus a layer along the positions learns far faster than attention, as published. Attention had found no path
  /// through a small maze after 600 steps: cells are given their neighbours there.
  private static func variant(_ sizes: Sizes) -> Sizes.Variant? {
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
