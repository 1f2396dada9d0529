import TensorTypes

/// How a model is trained where nobody asks for anything else: for how long, by which rule, with which rates.
public struct Recipe: Sendable, Hashable {
  /// A rule that updates the weights, by the name that commands and files have for it.
  public enum Rule: String, Sendable, CaseIterable, Codable {
    case adamW = "adamw"
    case adam, adagrad
    case rmsProp = "rmsprop"
    case gradientDescent = "sgd"
    case momentum, nesterov
    case adamATan2 = "adam-atan2"
    case signDescent = "sign-sgd"
  }

  /// How the learning rate falls after the warm-up.
  public enum Schedule: String, Sendable, CaseIterable, Codable { case constant, cosine, linear, steps }

  /// Steps to run.
  public var steps: Int
  public var rule: Rule
  /// Nil for the rule's own.
  public var weightDecay: Double?
  /// Leaves biases and other vectors out of the decay.
  public var decaysMatricesOnly = false
  /// The global norm that gradients are scaled down to; nil for no limit.
  public var clippingNorm: Double?
  /// Steps whose gradients make one update.
  public var accumulatedSteps = 1
  /// The share of the running averages that stays in each step; nil for no averages.
  public var averageShare: Double?
  /// After the warm-up.
  public var learningRate: Double
  /// Steps over which the learning rate grows to its value.
  public var warmUp: Int
  public var schedule: Schedule
  /// With a cosine or a line: the rate in the end as a share of the learning rate.
  public var finalShare = 0.0
  /// With steps: steps after which the rate is divided by ten.
  public var dropEvery = 1000
  /// Steps between validations; 0 for none.
  public var validateEvery = 0
  /// Batches of a validation.
  public var validationBatches = 4
  /// Validations in a row that may fail to lower the loss before training stops; 0 for no limit.
  public var patience = 0

  public init(
    steps: Int = 300, rule: Rule = .adamW, weightDecay: Double? = nil, learningRate: Double = 1e-3, warmUp: Int = 20,
    schedule: Schedule = .constant, averageShare: Double? = nil, clippingNorm: Double? = nil
  ) {
    self.steps = steps
    self.rule = rule
    self.weightDecay = weightDecay
    self.learningRate = learningRate
    self.warmUp = warmUp
    self.schedule = schedule
    self.averageShare = averageShare
    self.clippingNorm = clippingNorm
  }

  /// The rule with its numbers.
  public var optimizer: Optimizer {
    var chosen = plainOptimizer.accumulating(accumulatedSteps)
    if decaysMatricesOnly { chosen = chosen.decaying { _, shape in shape.rank > 1 } }
    if let clippingNorm { chosen = chosen.clipping(globalNorm: clippingNorm) }
    if let averageShare { chosen = chosen.averaging(averageShare) }
    return chosen
  }

  /// The weight decay at work: the rule's own where nobody asks for another.
  public var decay: Double {
    if let weightDecay { return weightDecay }
    return switch rule {
    case .adamW: 0.1
    case .adamATan2: 1
    default: 0
    }
  }

  private var plainOptimizer: Optimizer {
    switch rule {
    case .adamW: .adamW(decay: decay)
    case .adamATan2: .adamATan2(decay: decay)
    case .signDescent: .signDescent(decay: decay)
    case .adam: .adam(decay: decay)
    case .adagrad: .adagrad(decay: decay)
    case .rmsProp: .rmsProp(decay: decay)
    case .gradientDescent: .gradientDescent(decay: decay)
    case .momentum: .momentum(decay: decay)
    case .nesterov: .nesterov(decay: decay)
    }
  }

  /// The learning rate of every update.
  public var rate: LearningRate {
    // The schedule counts updates, of which accumulation makes fewer than steps.
    func updates(_ steps: Int) -> Int { max(steps / max(accumulatedSteps, 1), min(steps, 1)) }
    let until = max(updates(steps), 1)
    let decay: LearningRate.Decay =
      switch schedule {
      case .constant: .constant
      case .cosine: .cosine(until: until, end: finalShare)
      case .linear: .linear(until: until, end: finalShare)
      case .steps: .steps(every: updates(dropEvery), factor: 0.1)
      }
    return LearningRate(learningRate, warmUp: updates(warmUp), decay: decay)
  }

  /// How long to train and when to validate; checkpoints are the caller's.
  public var plan: TrainingPlan {
    var plan = TrainingPlan(steps: steps)
    plan.validateEvery = validateEvery
    plan.validationBatches = validationBatches
    plan.patience = patience
    return plan
  }

  /// - Throws: `TrainingPlanError` or `OptimizerError` with every number that is out of its range.
  public func check() throws {
    try plan.check()
    if accumulatedSteps > steps {
      throw TrainingPlanError(problems: [
        "the gradients of \(accumulatedSteps) steps make one update, needs as many steps at least, got \(steps)"
      ])
    }
    try optimizer.check()
    try rate.check()
  }
}

extension Recipe: Codable {
  /// The names that files and commands have for its parts.
  public enum CodingKeys: String, CodingKey {
    case steps, rule, schedule, patience
    case weightDecay = "weight_decay"
    case decaysMatricesOnly = "decays_matrices_only"
    case clippingNorm = "clipping_norm"
    case accumulatedSteps = "accumulated_steps"
    case averageShare = "average_share"
    case learningRate = "learning_rate"
    case warmUp = "warm_up"
    case finalShare = "final_share"
    case dropEvery = "drop_every"
    case validateEvery = "validate_every"
    case validationBatches = "validation_batches"
  }
}
