/// A model that commands know by name.
public struct ModelFamily: Sendable {
  public let name: String
  /// One line for lists.
  public let summary: String
  /// Sizes by name, smallest first; the first is the default.
  public let presets: [ModelPreset]
  /// The default preset where the data come from a file; nil for the first.
  public let presetForFiles: String?
  /// Forms of the model; the first is the default where a preset names none. Empty if there is only one.
  public let variants: [String]
  /// What `depth` counts, for tables: "cycles".
  public let depthName: String
  /// Numbers and choices of its own.
  public let settings: [ModelSetting]
  private let repetition: @Sendable (_ variant: String?) -> Repetition
  /// Rules of a `TensorMap`: what weights are called in checkpoints that others have published.
  public let publishedNames: [String]
  private let adapter: (@Sendable (ModelOptions, Recipe) throws -> Recipe)?
  private let maker: @Sendable (ModelOptions) throws -> any TrainingTask
  private let opener: (@Sendable (TrainedRun) throws -> any TrainingTask)?

  /// - Parameters:
  ///   - publishedNames: rules of a `TensorMap`.
  ///   - repetition: what options about depth mean to a form of the model.
  ///   - adapting: fits a preset's recipe to the data, for example its steps to their number; the options are complete.
  ///   - make: makes the model with its data; all options but the path of the data are given.
  ///   - open: makes the model of a run to be used, with what its checkpoint keeps in place of data; nil where `make` does.
  public init(
    name: String, summary: String, presets: [ModelPreset], presetForFiles: String? = nil, variants: [String] = [],
    depthName: String, settings: [ModelSetting] = [], publishedNames: [String] = [],
    repetition: @escaping @Sendable (_ variant: String?) -> Repetition = { _ in .recursion },
    adapting: (@Sendable (ModelOptions, Recipe) throws -> Recipe)? = nil,
    make: @escaping @Sendable (ModelOptions) throws -> any TrainingTask,
    open: (@Sendable (TrainedRun) throws -> any TrainingTask)? = nil
  ) {
    self.name = name
    self.summary = summary
    self.presets = presets
    self.presetForFiles = presetForFiles
    self.variants = variants
    self.depthName = depthName
    self.settings = settings
    self.repetition = repetition
    self.publishedNames = publishedNames
    adapter = adapting
    (maker, opener) = (make, open)
  }

  /// Whether the steps of its recipes are those that the data need, and not those of the presets.
  public var fitsRecipes: Bool { adapter != nil }

  /// The model with its data.
  ///
  /// - Throws: `ModelFamilyError` for names that the family does not have, and what the family throws.
  public func make(_ options: ModelOptions) throws -> any TrainingTask { try maker(completed(options)) }

  /// The model of a run, to be used.
  ///
  /// - Throws: what `make` throws; `DataChangedError` where it reads the run's data.
  func open(_ run: TrainedRun) throws -> any TrainingTask {
    if let opener { return try opener(run) }
    try run.record.checkData()
    return try make(run.record.options)
  }

  /// What options about depth mean to a form of the model.
  public func repetition(of variant: String?) -> Repetition { repetition(variant) }

  /// The preset that options name, or the default.
  ///
  /// - Throws: `ModelFamilyError.unknown`.
  public func preset(for options: ModelOptions) throws -> ModelPreset {
    let needed = options.preset ?? (options.dataPath == nil ? nil : presetForFiles) ?? presets.first?.name ?? ""
    guard let preset = presets.first(where: { $0.name == needed }) else {
      throw ModelFamilyError.unknown("preset", needed, known: presets.map(\.name))
    }
    return preset
  }

  /// The options with the preset's values where a user chose none.
  ///
  /// - Throws: `ModelFamilyError`.
  public func completed(_ options: ModelOptions) throws -> ModelOptions {
    let preset = try preset(for: options)
    if let variant = options.variant, !variants.contains(variant) {
      throw ModelFamilyError.unknown("variant", variant, known: variants)
    }
    let variant = options.variant ?? preset.variant ?? variants.first
    try repetition(variant).check(options, preset, of: variant ?? name)
    return ModelOptions(
      preset: preset.name, variant: variant, batch: options.batch ?? preset.batch,
      depth: options.depth ?? preset.depth, gradient: options.gradient ?? preset.gradient, dataPath: options.dataPath,
      seed: options.seed, settings: try settings.completed(options.settings, preset.settings))
  }

  /// How the model is trained where nobody asks for anything else.
  ///
  /// - Throws: `ModelFamilyError`, and what the family throws of data that it fits the recipe to.
  public func recipe(for options: ModelOptions) throws -> Recipe {
    let options = try completed(options)
    let preset = try preset(for: options)
    let recipe = options.variant.flatMap { preset.variantRecipes[$0] } ?? preset.recipe
    return try adapter?(options, recipe) ?? recipe
  }
}

/// What a user got wrong about the names of a family.
public enum ModelFamilyError: UsageError, Hashable, CustomStringConvertible {
  case unknown(_ kind: String, _ name: String, known: [String])
  case setting(_ name: String, found: String, needed: String)

  public var description: String {
    switch self {
    case .setting(let name, let found, let needed): "setting \(name) is '\(found)', needs \(needed)"
    case .unknown(let kind, let name, let known):
      "no \(kind) is called '\(name)'; there are \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    }
  }
}
