import Operators

/// A model that commands know by name.
public struct ModelFamily: Sendable {
  public let name: String
  /// One line for lists.
  public let summary: String
  /// Sizes by name, smallest first; the first is the default.
  public let presets: [String]
  /// Forms of the model; the first is the default. Empty if there is only one.
  public let variants: [String]
  /// What `depth` counts, for tables: "cycles".
  public let depthName: String
  /// Makes the model with its data.
  public let make: @Sendable (ModelOptions) throws -> any TrainingTask

  public init(
    name: String, summary: String, presets: [String], variants: [String], depthName: String,
    make: @escaping @Sendable (ModelOptions) throws -> any TrainingTask
  ) {
    self.name = name
    self.summary = summary
    self.presets = presets
    self.variants = variants
    self.depthName = depthName
    self.make = make
  }
}

/// What a user chooses about a model; nil takes the preset's value.
public struct ModelOptions: Sendable {
  public var preset: String?
  public var variant: String?
  public var batch: Int?
  /// Iterations of the model's outermost recursion.
  public var depth: Int?
  /// How far the gradient reaches back through them.
  public var gradient: GradientMode?
  /// A file in place of the model's own data.
  public var dataPath: String?
  public var seed: UInt64

  public init(
    preset: String? = nil, variant: String? = nil, batch: Int? = nil, depth: Int? = nil,
    gradient: GradientMode? = nil, dataPath: String? = nil, seed: UInt64 = 0
  ) {
    self.preset = preset
    self.variant = variant
    self.batch = batch
    self.depth = depth
    self.gradient = gradient
    self.dataPath = dataPath
    self.seed = seed
  }
}
