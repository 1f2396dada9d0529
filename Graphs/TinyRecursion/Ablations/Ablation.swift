import Puzzles
import Recurve

/// The model with one thing about it or its training changed, to see what that thing is worth.
public struct Ablation: Sendable {
  /// What is changed: "one step".
  public let name: String
  private let change: @Sendable (inout Setting) -> Void

  /// Everything that an ablation may change.
  public struct Setting: Sendable {
    public var sizes: TinyRecursion.Sizes
    public var gradient: GradientMode
    public var recipe: Recipe
  }

  init(_ name: String, _ change: @escaping @Sendable (inout Setting) -> Void = { _ in }) {
    (self.name, self.change) = (name, change)
  }

  /// As published, and what the publication leaves out or changes, table 1 of arXiv 2510.04871: gradients, depths, averages,
  /// networks, mixers; eight more positions to remember with (Universal Transformers with memory tokens, arXiv 2604.21999);
  /// the position before in feed-forward layers (URM, arXiv 2512.14693); neighbours instead of all cells (see
  /// `GridConvolution`). All train for the same number of supervision steps, each of the whole batch.
  public static let all: [Ablation] = [
    Ablation("as published"), Ablation("full gradient") { $0.gradient = .full },
    Ablation("last 2 cycles") { $0.gradient = .last(min(2, $0.sizes.cycles)) },
    Ablation("one step") { $0.sizes.latentGradient = .last(1) },
    Ablation("T 2 n 2") { ($0.sizes.cycles, $0.sizes.updates) = (2, 2) },
    Ablation("T 1 n 6") { ($0.sizes.cycles, $0.sizes.updates) = (1, 6) },
    Ablation("T 3 n 2") { ($0.sizes.cycles, $0.sizes.updates) = (3, 2) },
    Ablation("no averages") { $0.recipe.averageShare = nil },
    Ablation("two networks") { $0.sizes.separatesNetworks = true },
    Ablation("other mixer") { $0.sizes.variant = $0.sizes.variant == .mixer ? .attention : .mixer },
    Ablation("memory tokens") { $0.sizes.registers += 8 },
    Ablation("feed-forward convolution") { $0.sizes.hasShortConvolution = true },
    Ablation("neighbours alone") { $0.sizes.variant = .convolution },
  ]

  func applied(to setting: Setting) -> Setting {
    var setting = setting
    change(&setting)
    return setting
  }
}

/// What ablations are measured on: Sudokus of the preset's size, every ablation on the same ones.
public struct AblationPlan: Sendable {
  public var setting: Ablation.Setting
  /// Held-out puzzles are judged so often, the last time at the end.
  public var judgements = 4
  /// Batches of held-out puzzles, each time.
  public var batches = 8
  private let preset: String

  /// What results of one experiment have in common: all that decides them but the ablation and the seed.
  ///
  /// What files of programs that did not write it leave out is nil: nobody knows what those results are of, so that they are of
  /// another experiment.
  public struct Key: Hashable, Sendable, Codable {
    public var preset: String
    public var steps: Int
    public var blanks: String?
    public var learningRate: Double
    /// How all are trained, in words.
    public var recipe: String?
    /// Of the model as published, in words.
    public var sizes: String?
    /// Which puzzles are held out.
    public var heldOut: String?

    private enum CodingKeys: String, CodingKey {
      case preset, steps, blanks, recipe, sizes
      case learningRate = "learning_rate"
      case heldOut = "held_out"
    }
  }

  public var key: Key {
    let (recipe, sizes) = (setting.recipe, setting.sizes)
    return Key(
      preset: preset, steps: recipe.steps, blanks: sizes.blanks?.boundsText, learningRate: recipe.learningRate,
      recipe: recipe.text(steps: "\(recipe.steps) steps") + ", final share \(recipe.finalShare)", sizes: sizes.summary,
      heldOut: sizes.side == SudokuSize.four.side ? "58 of the 288 solutions" : "solutions under all names of digits")
  }

  /// - Parameters:
  ///   - preset: of Sudokus; nil for the first.
  ///   - steps: nil for the recipe's.
  ///   - blanks: as the setting of the model has them, `11-12`; nil for those that training takes.
  ///   - learningRate: nil for the recipe's.
  /// - Throws: `ModelFamilyError` for unknown names and for blanks that the Sudokus do not have, `TaskError` for a preset of
  ///   other puzzles.
  public init(preset: String? = nil, steps: Int? = nil, blanks: String? = nil, learningRate: Double? = nil) throws {
    let settings = blanks.map { [TinyRecursion.blanks: $0] } ?? [:]
    let options = try TinyRecursion.family.completed(ModelOptions(preset: preset, settings: settings))
    var recipe = try TinyRecursion.family.recipe(for: options)
    if let steps { recipe.steps = steps }
    if let learningRate { recipe.learningRate = learningRate }
    try recipe.check()
    self.preset = options.preset ?? ""
    recipe.warmUp = min(recipe.warmUp, recipe.steps / 4)
    let sizes = try TinyRecursion.Sizes(options)
    guard sizes.puzzle == .sudoku else { throw TaskError.noSudokus(options.preset ?? "") }
    setting = Ablation.Setting(sizes: sizes, gradient: options.gradient ?? .last(1), recipe: recipe)
  }

  /// Trains one ablation from one seed.
  ///
  /// - Parameters:
  ///   - isStopRequested: asked after every step.
  ///   - observe: told each finished step.
  /// - Returns: nil where a stop was requested.
  public func measure(
    _ ablation: Ablation, seed: UInt64, _ options: CompilerOptions = CompilerOptions(),
    isStopRequested: () -> Bool = { false }, observe: (Int) -> Void = { _ in }
  ) throws -> AblationResult? {
    let setting = ablation.applied(to: setting)
    let source = try TinyRecursionTask.Source(setting.sizes, path: nil, seed: seed)
    let task = try TinyRecursionTask(
      setting.sizes, gradient: setting.gradient, seed: seed, training: source.training, heldOut: source.heldOut)
    let session = try TrainingSession(
      task, optimizer: task.optimizer(setting.recipe.optimizer), learningRate: setting.recipe.rate, seed: seed, options)
    var result = AblationResult(ablation: ablation.name, seed: seed)
    var seconds: [Double] = []
    let interval = max(1, setting.recipe.steps / judgements)
    for step in 1...setting.recipe.steps {
      if isStopRequested() { return nil }
      let start = ContinuousClock.now
      let loss = try session.step()["loss"]?.doubles[0] ?? .nan
      seconds.append((ContinuousClock.now - start) / .seconds(1))
      guard loss.isFinite else {
        result.divergedAtStep = step
        break
      }
      if step % interval == 0 || step == setting.recipe.steps { try result.judge(session, batches, step) }
      observe(step)
    }
    (result.seconds, result.medianStepSeconds) = (seconds.reduce(0, +), seconds.median)
    result.plannedBytes = session.program.plannedByteCount
    result.residentBytes = session.program.residentByteCount
    return result
  }
}

extension TinyRecursion.Sizes {
  /// What ablations have in common, in words: models of other sizes have other ones.
  fileprivate var summary: String {
    [
      variant.rawValue, "batch \(batch)", "width \(width)", "heads \(heads)", "inner \(inner)", "layers \(layers)",
      "T \(cycles)", "n \(updates)", "\(supervisionSteps) supervision steps", "registers \(registers)",
    ].joined(separator: ", ")
  }
}
