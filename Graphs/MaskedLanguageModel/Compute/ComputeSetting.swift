import Recurve

/// What results of one experiment have in common: all that decides them but the arm and the seed.
///
/// Recipe, batch and sizes are nil in files of programs that did not write them: nobody knows what those results are of, so
/// that they are of another setting.
public struct ComputeSetting: Hashable, Sendable, Codable {
  public var preset: String
  /// Of the first arm.
  public var steps: Int
  /// That these steps were to take; nil where steps were asked for.
  public var minutes: Double?
  /// Masked ones of the held-out text.
  public var tokens: Int
  /// A hash of the text's tokens.
  public var text: String
  /// How the first arm is trained, in words.
  public var recipe: String?
  /// Sequences of a step.
  public var batch: Int?
  /// Of the first arm, in words.
  public var sizes: String?

  public init(_ experiment: ComputeExperiment, preset: String, steps: Int, minutes: Double? = nil, tokens: Int) {
    (self.preset, self.steps, self.minutes, self.tokens) = (preset, steps, minutes, tokens)
    text = experiment.text.hash
    recipe = Self.text(experiment.recipe, steps: steps)
    batch = experiment.batch
    sizes = experiment.arms.first?.sizes.summary
  }

  /// With the numbers of the rule, which may be others in a later program.
  private static func text(_ recipe: Recipe, steps: Int) -> String {
    let numbers = recipe.optimizer.settings.map { "\($0.name) \($0.value)" }
    return recipe.text(steps: "\(steps) steps")
      + ", final share \(recipe.finalShare); \(recipe.rule.rawValue): " + numbers.joined(separator: ", ")
  }
}
