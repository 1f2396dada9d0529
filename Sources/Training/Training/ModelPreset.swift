import Operators

/// Sizes of a model by one name, and how a model of these sizes is trained.
public struct ModelPreset: Sendable {
  public var name: String
  /// Sequences per step.
  public var batch: Int
  /// Iterations of the model's outermost recursion.
  public var depth: Int
  /// How far the gradient reaches back through them.
  public var gradient: GradientMode
  public var recipe: Recipe
  /// Values of the family's own settings where they are not the standard ones.
  public var settings: [String: String]
  /// Steps between checkpoints: more where steps are short.
  public var checkpointEvery: Int
  /// Recipes of variants that need another one, by the names of the variants.
  public var variantRecipes: [String: Recipe]
  /// The variant where nobody names one; nil for the family's first.
  public var variant: String?

  public init(
    _ name: String, batch: Int, depth: Int, gradient: GradientMode = .full, recipe: Recipe = Recipe(),
    variantRecipes: [String: Recipe] = [:], variant: String? = nil, settings: [String: String] = [:],
    checkpointEvery: Int = 100
  ) {
    self.name = name
    self.batch = batch
    self.depth = depth
    self.gradient = gradient
    self.recipe = recipe
    self.variantRecipes = variantRecipes
    self.variant = variant
    self.settings = settings
    self.checkpointEvery = checkpointEvery
  }
}
