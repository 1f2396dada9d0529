extension RunRecord {
  /// A fact about a run, for people.
  public struct Fact: Sendable, Hashable {
    public var name: String
    public var value: String
    /// The option of `recurve train` that sets it; nil where none does.
    public var option: String?
    /// Whether a run may go on with another value.
    public var mayChange = false
  }

  /// Everything that there is to know, in the order of reading.
  public func facts(depthName: String = "depth") -> [Fact] {
    modelFacts(depthName) + settingFacts + ruleFacts + rateFacts + planFacts
  }

  private func modelFacts(_ depthName: String) -> [Fact] {
    [
      Fact(name: "model", value: family), Fact(name: "preset", value: preset, option: "--preset"),
      Fact(name: "variant", value: variant ?? "none", option: "--variant"),
      Fact(name: "batch", value: "\(batch)", option: "--batch"),
      Fact(name: depthName, value: "\(depth)", option: "--depth"),
      Fact(name: "gradient", value: "\(gradient)", option: "--gradient"),
      Fact(name: "seed", value: "\(seed)", option: "--seed"),
      Fact(name: "data", value: "\(data)", option: "--data"),
    ]
  }

  private var settingFacts: [Fact] {
    (settings ?? [:]).sorted { $0.key < $1.key }.map { Fact(name: $0.key, value: $0.value, option: "--set \($0.key)") }
  }

  private var ruleFacts: [Fact] {
    let others = numbers.keys.sorted().map { Fact(name: $0, value: Self.text(numbers[$0])) }
    return [
      Fact(name: "optimizer", value: recipe.rule.rawValue, option: "--optimizer"),
      Fact(name: "weight decay", value: Self.text(recipe.weightDecay), option: "--weight-decay"),
      Fact(
        name: "decays", value: recipe.decaysMatricesOnly ? "matrices only" : "all weights",
        option: "--decay-matrices-only"),
    ] + others + [
      Fact(name: "clipping norm", value: Self.text(recipe.clippingNorm), option: "--clip"),
      Fact(name: "accumulated steps", value: "\(recipe.accumulatedSteps)", option: "--accumulate"),
      Fact(name: "average share", value: Self.text(recipe.averageShare), option: "--average"),
    ]
  }

  private var rateFacts: [Fact] {
    var facts = [
      Fact(name: "learning rate", value: Self.text(recipe.learningRate), option: "--learning-rate"),
      Fact(name: "warm-up", value: "\(recipe.warmUp) steps", option: "--warm-up"),
      Fact(name: "schedule", value: recipe.schedule.rawValue, option: "--schedule"),
    ]
    switch recipe.schedule {
    case .constant: break
    case .cosine, .linear:
      facts.append(Fact(name: "final share", value: Self.text(recipe.finalShare), option: "--final-share"))
    case .steps: facts.append(Fact(name: "drop every", value: "\(recipe.dropEvery) steps", option: "--drop-every"))
    }
    return facts
  }

  private var planFacts: [Fact] {
    let every = recipe.validateEvery
    let patience = recipe.patience > 0 ? ", ends after \(recipe.patience) without a lower loss" : ""
    return [
      // Rates that fall towards the last step depend on it.
      Fact(
        name: "steps", value: "\(recipe.steps)", option: "--steps",
        mayChange: recipe.schedule == .constant || recipe.schedule == .steps),
      Fact(
        name: "validation",
        value: every > 0 ? "every \(every) steps, \(recipe.validationBatches) batches\(patience)" : "none",
        option: "--validate-every", mayChange: true),
      Fact(
        name: "checkpoints", value: "every \(checkpointEvery) steps, \(keptCheckpoints) kept",
        option: "--checkpoint-every", mayChange: true),
    ]
  }

  private static func text(_ number: Double?) -> String { number.map { "\($0)" } ?? "none" }
}
