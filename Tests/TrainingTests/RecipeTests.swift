import Recurve
import Testing
import TinyRecursion

/// What a family says of its presets: sizes, recipes, defaults.
@Suite struct RecipeTests {
  private static let family = ModelFamily(
    name: "thinker", summary: "thinks",
    presets: [
      ModelPreset("small", batch: 4, depth: 2),
      ModelPreset(
        "large", batch: 8, depth: 6, gradient: .last(2), recipe: Recipe(steps: 9),
        variantRecipes: ["mixer": Recipe(steps: 7, rule: .momentum)],
        variant: "mixer"),
    ], presetForFiles: "large", variants: ["attention", "mixer"], depthName: "rounds",
    make: { options in
      throw ModelFamilyError.unknown("test", "\(options.preset ?? "")-\(options.batch ?? 0)", known: ["none"])
    })

  @Test func optionsAreCompletedByThePreset() throws {
    let small = try Self.family.completed(ModelOptions(depth: 3, seed: 5))
    #expect(small.preset == "small" && small.variant == "attention" && small.batch == 4 && small.depth == 3)
    #expect(small.gradient == .full && small.seed == 5)
    let large = try Self.family.completed(ModelOptions(batch: 1, dataPath: "x.csv"))
    #expect(large.preset == "large" && large.batch == 1 && large.depth == 6 && large.gradient == .last(2))
    #expect(large.variant == "mixer")
    #expect(try Self.family.completed(ModelOptions(preset: "large", variant: "attention")).variant == "attention")
  }

  @Test func theTaskGetsAllOptions() {
    let error = #expect(throws: ModelFamilyError.self) { try Self.family.make(ModelOptions()) }
    #expect(error?.description == "no test is called 'small-4'; there are none")
  }

  @Test func namesThatAFamilyDoesNotHaveAreRefused() {
    func message(_ options: ModelOptions) -> String? {
      #expect(throws: ModelFamilyError.self) { try Self.family.recipe(for: options) }?.description
    }
    #expect(message(ModelOptions(preset: "huge")) == "no preset is called 'huge'; there are small, large")
    #expect(message(ModelOptions(variant: "rnn")) == "no variant is called 'rnn'; there are attention, mixer")
  }

  @Test func presetsAndVariantsHaveRecipes() throws {
    func recipe(_ preset: String, _ variant: String?) throws -> Recipe {
      try Self.family.recipe(for: ModelOptions(preset: preset, variant: variant))
    }
    #expect(try recipe("small", "mixer") == Recipe())
    #expect(try recipe("large", nil) == recipe("large", "mixer"), "the preset's variant")
    #expect(try recipe("large", "attention").steps == 9)
    #expect(try recipe("large", "mixer").description == "7 steps, momentum, rate 0.001 constant, warm-up 20")
  }

  /// What `recurve train tiny-recursion` does.
  @Test func theSmallPuzzlesHaveARecipe() throws {
    let recipe = try TinyRecursion.family.recipe(for: ModelOptions())
    #expect(
      recipe.description == """
        700 steps, adam-atan2, rate 0.003 cosine, warm-up 50, decay 0.1, averages 0.99, validating every 100
        """)
    let published = try TinyRecursion.family.recipe(for: ModelOptions(preset: "reference"))
    #expect(
      published.description == "65104 steps, adam-atan2, rate 0.0001 constant, warm-up 2000, decay 1.0, averages 0.999")
    for preset in TinyRecursion.family.presets { try preset.recipe.check() }
    #expect(try TinyRecursion.family.preset(for: ModelOptions()).name == "nano")
    #expect(try TinyRecursion.family.preset(for: ModelOptions(dataPath: "x.csv")).name == "mini")
  }

  @Test(arguments: Recipe.Rule.allCases) func rulesAreOptimizersOfTheirNames(_ rule: Recipe.Rule) throws {
    let recipe = Recipe(rule: rule, weightDecay: 0.5)
    #expect(recipe.optimizer.name == rule.rawValue)
    #expect(recipe.optimizer.settings.first { $0.name == "decay" }?.value == 0.5)
    try recipe.check()
  }

  @Test func schedulesCountUpdates() {
    var recipe = Recipe(steps: 90, schedule: .cosine)
    recipe.accumulatedSteps = 3
    #expect(recipe.rate.decay == .cosine(until: 30, end: 0))
    (recipe.schedule, recipe.dropEvery, recipe.warmUp) = (.steps, 15, 50)
    #expect(recipe.rate.decay == .steps(every: 5, factor: 0.1) && recipe.rate.warmUp == 16)
    (recipe.dropEvery, recipe.warmUp) = (1, 2)
    #expect(recipe.rate.decay == .steps(every: 1, factor: 0.1) && recipe.rate.warmUp == 1)
    recipe.warmUp = 0
    #expect(recipe.rate.warmUp == 0)
  }

  @Test func numbersOutOfRangeAreRefused() {
    func message(_ change: (inout Recipe) -> Void) -> String {
      var recipe = Recipe()
      change(&recipe)
      do {
        try recipe.check()
        return ""
      } catch { return "\(error)" }
    }
    #expect(message { $0.steps = 0 } == "training plan: steps is 0, needs 1 to 1073741823")
    #expect(message { $0.averageShare = 1 } == "adamw: averaging is 1.0, needs at least 0 and less than 1")
    #expect(
      message { ($0.steps, $0.accumulatedSteps) = (9, 10) }
        == "training plan: the gradients of 10 steps make one update, needs as many steps at least, got 9")
    #expect(message { $0.learningRate = -1 } == "learning rate: base is -1.0, needs at least 0")
  }
}
