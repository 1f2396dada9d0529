import Operators

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
  /// Values of the family's own settings, by their names; the others are as the preset has them.
  public var settings: [String: String]

  /// Shapes of so many sequences have byte counts within 64 bits.
  public static let batches: ClosedRange<Int> = 1...1_000_000_000
  public static let iterations: ClosedRange<Int> = 1...1_000_000

  public init(
    preset: String? = nil, variant: String? = nil, batch: Int? = nil, depth: Int? = nil,
    gradient: GradientMode? = nil, dataPath: String? = nil, seed: UInt64 = 0, settings: [String: String] = [:]
  ) {
    self.preset = preset
    self.variant = variant
    self.batch = batch
    self.depth = depth
    self.gradient = gradient
    self.dataPath = dataPath
    self.seed = seed
    self.settings = settings
  }
}
