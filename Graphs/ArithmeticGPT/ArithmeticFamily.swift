import DecoderTransformer
import Recurve

/// The arithmetic GPT as commands know it.
public enum Arithmetic {
  public static let family: ModelFamily = ModelFamily(
    name: "arithmetic", summary: "A small GPT that computes: sums, differences, products, quotients",
    presets: presets.map(\.preset), variants: Variant.allCases.map(\.rawValue),
    depthName: "layers", settings: ArithmeticSettings.own, repetition: { _ in .layers }, make: { try task($0) })

  /// What is learned where no setting says otherwise.
  public enum Variant: String, Sendable, CaseIterable {
    case sums, differences, products, scratchpad, quotients

    public var settings: ArithmeticSettings {
      switch self {
      case .sums: return ArithmeticSettings([.addition], digits: 1...3)
      case .differences: return ArithmeticSettings([.subtraction], digits: 1...3)
      case .products: return ArithmeticSettings([.multiplication], digits: 1...2)
      case .scratchpad:
        var settings = ArithmeticSettings([.multiplication], digits: 1...2)
        settings.hasScratchpad = true
        return settings
      case .quotients:
        // Long division finds the first digit first.
        var settings = ArithmeticSettings([.division], digits: 1...4)
        settings.lastDigits = 1...1
        settings.order = .plain
        return settings
      }
    }
  }

  /// Sizes by name; vocabulary and context are those of the expressions.
  private static let presets: [(preset: ModelPreset, sizes: GPT.Sizes)] = [
    preset("nano", GPT.Sizes(width: 128, layers: 4, heads: 4, inner: 512, vocabulary: 0, context: 0), steps: 1200),
    preset("small", GPT.Sizes(width: 256, layers: 4, heads: 4, inner: 512, vocabulary: 0, context: 0), steps: 1200),
    preset("medium", GPT.Sizes(width: 256, layers: 6, heads: 8, inner: 1024, vocabulary: 0, context: 0), steps: 1600),
    preset("large", GPT.Sizes(width: 320, layers: 8, heads: 8, inner: 1280, vocabulary: 0, context: 0), steps: 2000),
  ]

  private static func preset(_ name: String, _ sizes: GPT.Sizes, steps: Int) -> (ModelPreset, GPT.Sizes) {
    let recipe = Recipe(
      steps: steps, weightDecay: 0.01, learningRate: 2e-3, warmUp: 50, schedule: .cosine, clippingNorm: 1)
    // What is not found digit by digit takes longer.
    var longer = recipe
    longer.steps *= 2
    let others = Variant.allCases.filter { $0 != .sums }.map { ($0.rawValue, longer) }
    return (
      ModelPreset(
        name, batch: 128, depth: sizes.layers, recipe: recipe,
        variantRecipes: Dictionary(uniqueKeysWithValues: others)), sizes
    )
  }

  static func task(_ options: ModelOptions) throws -> ArithmeticTask {
    let options = try family.completed(options)
    guard var sizes = presets.first(where: { $0.preset.name == options.preset })?.sizes,
      let variant = options.variant.flatMap(Variant.init)
    else { throw ModelFamilyError.unknown("preset", options.preset ?? "", known: presets.map(\.preset.name)) }
    if let path = options.dataPath {
      throw ModelFamilyError.setting("data", found: path, needed: "none: expressions are made here")
    }
    try GPT.Sizes.check(layers: options.depth)
    let batch = options.batch ?? 1
    if batch < 1 { throw ModelFamilyError.setting("batch", found: "\(batch)", needed: "at least 1") }
    sizes.layers = options.depth ?? sizes.layers
    sizes.positions = options.settings["positions"].flatMap(GPT.Sizes.Positions.init) ?? sizes.positions
    var settings = try variant.settings.applying(options.settings)
    if sizes.positions == .places { try settings.beginWithLastDigits(chosen: options.settings["order"]) }
    return try ArithmeticTask(sizes, settings, batch: batch, seed: options.seed)
  }
}
