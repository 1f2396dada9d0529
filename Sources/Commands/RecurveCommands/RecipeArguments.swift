import ArgumentParser
import Training

extension Recipe.Rule: ExpressibleByArgument {}
extension Recipe.Schedule: ExpressibleByArgument {}

/// Options that replace parts of a recipe, one each.
struct RecipeArguments: ParsableArguments {
  /// A number, or `none` where the recipe has one.
  struct OptionalNumber: ExpressibleByArgument {
    var value: Double?

    init?(argument: String) {
      value = Double(argument)
      if value == nil && argument != "none" { return nil }
    }
  }

  @Option(help: "Steps to run, those of a resumed run included.") var steps: Int?
  @Option(help: "The rule that updates the weights.") var optimizer: Recipe.Rule?
  @Option(help: "Learning rate after the warm-up.") var learningRate: Double?
  @Option(help: "Steps over which the learning rate grows to its value.") var warmUp: Int?
  @Option(help: "How the learning rate falls after the warm-up.") var schedule: Recipe.Schedule?
  @Option(help: "With --schedule cosine or linear: the rate in the end as a share of --learning-rate.")
  var finalShare: Double?
  @Option(help: "With --schedule steps: steps after which the rate is divided by ten.") var dropEvery: Int?
  @Option(help: "Weight decay; with another --optimizer that one's own without it.") var weightDecay: Double?
  @Flag(inversion: .prefixedNo, help: "Leaves biases and other vectors out of the decay.")
  var decayMatricesOnly: Bool?
  @Option(help: "Scales gradients down to this global norm; none does not.") var clip: OptionalNumber?
  @Option(help: "Steps whose gradients make one update.") var accumulate: Int?
  @Option(
    help: """
      Keeps running averages of the weights for evaluation; this share stays in each step, often 0.999; none keeps none.
      """)
  var average: OptionalNumber?
  @Option(help: "Steps between validations on held-out data; 0 for none.") var validateEvery: Int?
  @Option(help: "Batches of a validation.") var validationBatches: Int?
  @Option(help: "Stops after so many validations without a lower loss; 0 for never.") var patience: Int?

  func validate() throws {
    for (name, value) in [("steps", steps), ("validation-batches", validationBatches), ("drop-every", dropEvery)] {
      try ArgumentChecks.check(name, value, ArgumentChecks.steps)
    }
    try ArgumentChecks.check("accumulate", accumulate, 1...Optimizer.mostAccumulated)
    for (name, value) in [("validate-every", validateEvery), ("patience", patience), ("warm-up", warmUp)] {
      try ArgumentChecks.check(name, value, 0...TrainingPlan.largestStepCount)
    }
    try ArgumentChecks.check([
      learningRate.map { .notNegative("--learning-rate", $0) }, finalShare.map { .notNegative("--final-share", $0) },
      weightDecay.map { .notNegative("--weight-decay", $0) }, (clip?.value).map { .positive("--clip", $0) },
      (average?.value).map { .share("--average", $0) },
    ])
  }

  /// The recipe with what was given in place of its own.
  ///
  /// - Throws: `ValidationError` when the whole cannot be.
  func applied(to recipe: Recipe) throws -> Recipe {
    var recipe = recipe
    // A decay belongs to its rule.
    if let optimizer, optimizer != recipe.rule { (recipe.rule, recipe.weightDecay) = (optimizer, nil) }
    if let weightDecay { recipe.weightDecay = weightDecay }
    if let clip { recipe.clippingNorm = clip.value }
    if let average { recipe.averageShare = average.value }
    replaceNumbers(&recipe)
    // Without validations the recipe's own patience is of no use.
    if validateEvery == 0 && patience == nil { recipe.patience = 0 }
    try checkEffect(in: recipe)
    try ArgumentChecks.asUsage { try recipe.check() }
    return recipe
  }

  /// Options that would change nothing are mistakes.
  private func checkEffect(in recipe: Recipe) throws {
    func check(_ name: String, _ isEffective: Bool, _ needed: String) throws {
      if !isEffective { throw ValidationError("\(name) has no effect, needs \(needed)") }
    }
    let (falls, drops) = ([.cosine, .linear].contains(recipe.schedule), recipe.schedule == .steps)
    try check("--patience", (patience ?? 0) == 0 || recipe.validateEvery > 0, "--validate-every")
    try check("--validation-batches", validationBatches == nil || recipe.validateEvery > 0, "--validate-every")
    try check("--final-share", finalShare == nil || falls, "--schedule cosine or linear")
    try check("--drop-every", dropEvery == nil || drops, "--schedule steps")
    try check("--decay-matrices-only", decayMatricesOnly == nil || recipe.decay > 0, "--weight-decay above 0")
  }

  private func replaceNumbers(_ recipe: inout Recipe) {
    func replace<Value>(_ part: WritableKeyPath<Recipe, Value>, _ value: Value?) {
      if let value { recipe[keyPath: part] = value }
    }
    replace(\.steps, steps)
    replace(\.learningRate, learningRate)
    replace(\.warmUp, warmUp)
    replace(\.schedule, schedule)
    replace(\.finalShare, finalShare)
    replace(\.dropEvery, dropEvery)
    replace(\.decaysMatricesOnly, decayMatricesOnly)
    replace(\.accumulatedSteps, accumulate)
    replace(\.validateEvery, validateEvery)
    replace(\.validationBatches, validationBatches)
    replace(\.patience, patience)
  }

  /// The options that a run cannot change and that were given.
  var given: Set<String> {
    let all: [(String, Any?)] = [
      ("--optimizer", optimizer), ("--learning-rate", learningRate), ("--warm-up", warmUp), ("--schedule", schedule),
      ("--final-share", finalShare), ("--drop-every", dropEvery), ("--weight-decay", weightDecay),
      ("--decay-matrices-only", decayMatricesOnly), ("--clip", clip), ("--accumulate", accumulate),
      ("--average", average), ("--steps", steps),
    ]
    return Set(all.compactMap { name, value in value == nil ? nil : name })
  }
}
