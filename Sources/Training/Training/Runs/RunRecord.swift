import Operators

/// What a training run is: its model, its data and its recipe, kept in the run's folder so that no command has to be told
/// again.
public struct RunRecord: Sendable, Hashable {
  /// Of the format that is written and read.
  public static let formatVersion = 1

  public var version: Int = formatVersion
  public var family: String
  public var preset: String
  /// Nil where the family has one form only.
  public var variant: String?
  public var batch: Int
  public var depth: Int
  public var gradient: GradientMode
  public var seed: UInt64
  /// Values of the family's own settings; nil where it has none.
  public var settings: [String: String]?
  public var data: DataSource
  /// With the weight decay that the rule has.
  public var recipe: Recipe
  /// The rule's other numbers, by their names: defaults may be others in a later program.
  public var numbers: [String: Double]
  /// Trained numbers; 0 until the model is there.
  public var weightCount = 0
  public var checkpointEvery = 100
  public var keptCheckpoints = 1
  /// Whether the run had other data before, of which it knows no longer what was held out; nil where it had not.
  public var trainedOnOtherData: Bool?
  /// Whether the run was another one before, by its recipe or its model; nil where it was not.
  public var isChanged: Bool?

  private static let decayName = "decay"

  /// The record of a run that is about to start; reads the data file to its end.
  ///
  /// - Throws: `ModelFamilyError` for names that the family does not have.
  public init(_ family: ModelFamily, _ options: ModelOptions, _ recipe: Recipe) throws {
    let (preset, options) = (try family.preset(for: options), try family.completed(options))
    self.family = family.name
    self.preset = preset.name
    variant = options.variant
    batch = options.batch ?? preset.batch
    depth = options.depth ?? preset.depth
    gradient = options.gradient ?? preset.gradient
    seed = options.seed
    settings = options.settings.isEmpty ? nil : options.settings
    checkpointEvery = preset.checkpointEvery
    data = DataSource(path: options.dataPath)
    let settings = recipe.optimizer.settings.map { ($0.name, $0.value) }
    numbers = Dictionary(settings) { _, last in last }
    self.recipe = recipe
    self.recipe.weightDecay = numbers.removeValue(forKey: Self.decayName)
  }

  /// What `ModelFamily.make` needs to make the model again.
  public var options: ModelOptions {
    ModelOptions(
      preset: preset, variant: variant, batch: batch, depth: depth, gradient: gradient, dataPath: data.path, seed: seed,
      settings: settings ?? [:])
  }

  /// How long the run trains, and what happens on the way.
  public var plan: TrainingPlan {
    var plan = recipe.plan
    plan.checkpointEvery = checkpointEvery
    plan.keptCheckpoints = keptCheckpoints
    return plan
  }
}

extension RunRecord: Codable {
  private enum CodingKeys: String, CodingKey {
    case version, family, preset, variant, batch, depth, gradient, seed, settings, data, recipe, numbers
    case weightCount = "weights"
    case checkpointEvery = "checkpoint_every"
    case keptCheckpoints = "kept_checkpoints"
    case trainedOnOtherData = "trained_on_other_data"
    case isChanged = "changed"
  }
}
