import ArgumentParser
import Training

/// Options that choose an optimizer and its schedule.
struct OptimizerArguments: ParsableArguments {
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case adamw, adam, adagrad, rmsprop, sgd, momentum, nesterov
    case adamATan2 = "adam-atan2"
  }

  enum Decay: String, CaseIterable, ExpressibleByArgument { case constant, cosine, linear, steps }

  @Option(help: "The rule that updates the weights.") var optimizer: Kind = .adamw
  @Option(help: "Learning rate after the warm-up.") var learningRate: Double = 1e-3
  @Option(help: "Steps over which the learning rate grows to its value.") var warmUp: Int = 20
  @Option(help: "How the learning rate falls after the warm-up.") var schedule: Decay = .constant
  @Option(help: "With --schedule cosine or linear: the rate in the end as a share of --learning-rate.")
  var finalShare: Double = 0
  @Option(help: "With --schedule steps: steps after which the rate is divided by ten.") var dropEvery: Int = 1000
  @Option(help: "Weight decay; the optimizer's own without it.") var weightDecay: Double?
  @Flag(help: "Leaves biases and other vectors out of the decay.") var decayMatricesOnly = false
  @Option(help: "Scales gradients down to this global norm.") var clip: Double?
  @Option(help: "Steps whose gradients make one update.") var accumulate: Int = 1
  @Option(help: "Keeps running averages of the weights for evaluation; this share stays in each step, often 0.999.")
  var average: Double?

  var chosen: Optimizer {
    var chosen = plain.accumulating(accumulate)
    if decayMatricesOnly { chosen = chosen.decaying { _, shape in shape.rank > 1 } }
    if let clip { chosen = chosen.clipping(globalNorm: clip) }
    if let average { chosen = chosen.averaging(average) }
    return chosen
  }

  private var plain: Optimizer {
    switch optimizer {
    case .adamw: .adamW(decay: weightDecay ?? 0.1)
    case .adamATan2: .adamATan2(decay: weightDecay ?? 1)
    case .adam: .adam(decay: weightDecay ?? 0)
    case .adagrad: .adagrad(decay: weightDecay ?? 0)
    case .rmsprop: .rmsProp(decay: weightDecay ?? 0)
    case .sgd: .gradientDescent(decay: weightDecay ?? 0)
    case .momentum: .momentum(decay: weightDecay ?? 0)
    case .nesterov: .nesterov(decay: weightDecay ?? 0)
    }
  }

  /// - Parameter steps: of the whole run; the schedule counts updates.
  func rate(steps: Int) -> LearningRate {
    let until = max(steps / max(accumulate, 1), 1)
    let decay: LearningRate.Decay =
      switch schedule {
      case .constant: .constant
      case .cosine: .cosine(until: until, end: finalShare)
      case .linear: .linear(until: until, end: finalShare)
      case .steps: .steps(every: dropEvery, factor: 0.1)
      }
    return LearningRate(learningRate, warmUp: warmUp, decay: decay)
  }
}
