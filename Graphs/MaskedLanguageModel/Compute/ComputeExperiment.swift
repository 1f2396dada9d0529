import Recurve

/// Accuracy against compute: models of several forms trained on one text, at equal steps and at equal compute.
public struct ComputeExperiment: Sendable {
  public let arms: [ComputeArm]
  /// Of each arm, in the same order.
  public let prices: [ComputePrice]
  let text: BytePairText
  let batch: Int
  let recipe: Recipe
  private let options: CompilerOptions
  /// The held-out text is judged so often, the last time at the end.
  static let judgements = 8

  /// What is trained: an arm for so many steps.
  public struct Run: Sendable, Hashable {
    public var arm: ComputeArm
    public var steps: Int
    public var flopsPerStep: Int
    /// What is as large as that of the first arm.
    public var matched: Matched
  }

  public enum Matched: String, Sendable, Codable, CaseIterable {
    case both
    case steps
    case compute
  }

  /// - Parameters:
  ///   - arms: the first is what the others are matched to.
  ///   - observe: told each arm that is priced.
  public init(
    _ arms: [ComputeArm], _ text: BytePairText, batch: Int, _ recipe: Recipe, _ options: CompilerOptions,
    observe: (ComputeArm) -> Void = { _ in }
  ) throws {
    (self.arms, self.text, self.batch, self.recipe, self.options) = (arms, text, batch, recipe, options)
    prices = try arms.map { arm in
      observe(arm)
      return try ComputePrice(arm, batch: batch, recipe.optimizer, options)
    }
  }

  /// Every arm at as many steps as the first one and at as much compute; once where that is the same within one in a hundred.
  public func runs(steps: Int) -> [Run] {
    let total = Double(steps) * Double(prices.first?.flops ?? 0)
    return zip(arms, prices).flatMap { arm, price -> [Run] in
      let equal = max(1, Int((total / Double(price.flops)).rounded()))
      let isSame = abs(Double(equal - steps)) <= 0.01 * Double(steps)
      func run(_ steps: Int, _ matched: Matched) -> Run {
        Run(arm: arm, steps: steps, flopsPerStep: price.flops, matched: matched)
      }
      return isSame ? [run(steps, .both)] : [run(steps, .steps), run(equal, .compute)]
    }
  }

  /// How long a step of the first arm takes: the median of a few.
  public func secondsPerStep() throws -> Double {
    guard let first = arms.first else { return 0 }
    let session = try session(Run(arm: first, steps: 8, flopsPerStep: 0, matched: .both), seed: 0)
    let times = try (0..<8).map { _ in
      let start = ContinuousClock.now
      _ = try session.step()
      return (ContinuousClock.now - start) / .seconds(1)
    }
    return times.dropFirst(2).median
  }

  private func session(_ run: Run, seed: UInt64) throws -> TrainingSession {
    var recipe = recipe
    recipe.steps = run.steps
    recipe.warmUp = min(recipe.warmUp, run.steps / 4)
    let task = try MaskedLanguageTask(run.arm.sizes, text, batch: batch, seed: seed)
    return try TrainingSession(task, optimizer: recipe.optimizer, learningRate: recipe.rate, seed: seed, options)
  }

  /// Trains a model from one seed and judges it on the way.
  ///
  /// - Parameters:
  ///   - tokens: masked ones of the held-out text, each time it is judged.
  ///   - isStopRequested: asked after every step.
  ///   - observe: told each finished step.
  /// - Returns: nil where a stop was requested.
  public func measure(
    _ run: Run, seed: UInt64, tokens: Int, isStopRequested: () -> Bool = { false }, observe: (Int) -> Void = { _ in }
  ) throws -> ComputeResult? {
    let session = try session(run, seed: seed)
    guard let task = session.task as? MaskedLanguageTask else { return nil }
    let heldOut = try HeldOutText(task, session.trainer.store, tokens: tokens, options)
    var result = ComputeResult(run, seed: seed)
    for step in 1...run.steps {
      if isStopRequested() { return nil }
      let start = ContinuousClock.now
      let loss = try session.step()["loss"]?.doubles[0] ?? .nan
      result.seconds += (ContinuousClock.now - start) / .seconds(1)
      guard loss.isFinite else {
        result.divergedAtStep = step
        return result
      }
      if step * Self.judgements / run.steps > (step - 1) * Self.judgements / run.steps {
        result.add(try heldOut.judged(), after: step, of: run)
      }
      observe(step)
    }
    return result
  }
}

/// What became of a model from one seed.
public struct ComputeResult: Sendable, Codable {
  public var arm: String
  public var seed: UInt64
  public var matched: ComputeExperiment.Matched
  public var steps: Int
  /// On the way and, the last one, in the end.
  public var curve: [Point] = []
  /// Of training steps alone.
  public var seconds = 0.0
  /// The first step whose loss was not finite, after which nothing was trained; nil where there was none.
  public var divergedAtStep: Int?

  private enum CodingKeys: String, CodingKey {
    case arm, seed, matched, steps, curve, seconds
    case divergedAtStep = "diverged_at_step"
  }

  public struct Point: Sendable, Codable {
    public var step: Int
    /// Floating-point operations of all steps up to here.
    public var flops: Double
    /// Of the held-out text, in nats per masked token.
    public var loss: Double
    public var maskedAccuracy: Double

    private enum CodingKeys: String, CodingKey {
      case step, flops, loss
      case maskedAccuracy = "masked_accuracy"
    }
  }

  func isOf(_ run: ComputeExperiment.Run, seed: UInt64) -> Bool {
    arm == run.arm.name && matched == run.matched && steps == run.steps && self.seed == seed
  }

  init(_ run: ComputeExperiment.Run, seed: UInt64) {
    (arm, matched, steps, self.seed) = (run.arm.name, run.matched, run.steps, seed)
  }

  fileprivate mutating func add(_ figures: HeldOutText.Figures, after step: Int, of run: ComputeExperiment.Run) {
    let flops = Double(step) * Double(run.flopsPerStep)
    curve.append(Point(step: step, flops: flops, loss: figures.loss, maskedAccuracy: figures.accuracy))
  }
}
