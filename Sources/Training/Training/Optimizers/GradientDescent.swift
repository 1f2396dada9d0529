import Modeling

extension Optimizer {
  /// Stochastic gradient descent: `p = p - rate (g + decay p)`; with momentum as `momentum(_:decay:)` has it.
  public static func gradientDescent(momentum: Double = 0, decay: Double = 0) -> Optimizer {
    if momentum != 0 { return .momentum(momentum, decay: decay) }
    return Optimizer(GradientDescent(decay: decay))
  }

  /// Gradient descent with a heavy ball (Polyak 1964; torch.optim.SGD): `v = share v + g + decay p`, `p = p - rate v`.
  public static func momentum(_ share: Double = 0.9, decay: Double = 0) -> Optimizer {
    Optimizer(Momentum(name: "momentum", share: share, decay: decay, looksAhead: false))
  }

  /// Momentum that looks ahead (Nesterov 1983, in the form of Sutskever et al. 2013 as torch.optim.SGD has it):
  /// `g' = g + decay p`, `v = share v + g'`, `p = p - rate (g' + share v)`.
  public static func nesterov(_ share: Double = 0.9, decay: Double = 0) -> Optimizer {
    Optimizer(Momentum(name: "nesterov", share: share, decay: decay, looksAhead: true))
  }
}

extension Optimizer {
  /// Steps of one length against the sign of each gradient: `p = p - rate sign(g)`, the weight shrunk by
  /// `1 - rate decay` before (signSGD: Bernstein et al. 2018; TRM's puzzle embeddings).
  ///
  /// A weight whose gradient is zero does not shrink either: of a table, rows that a step does not look up stay as they are.
  public static func signDescent(decay: Double = 0) -> Optimizer { Optimizer(SignDescent(decay: decay)) }
}

private struct SignDescent: OptimizerRule {
  let name = "sign-sgd"
  let leavesRowsWithoutGradient = true
  let decaysRowsWithoutGradient = false
  var decay: Double?

  func update(_ step: WeightUpdate) -> Tensor {
    let direction = sign(step.gradient)
    if step.decay == 0 { return step.weight - step.rate * direction }
    return step.weight * (1 - step.rate * abs(direction) * step.decay) - step.rate * direction
  }
}

private struct GradientDescent: OptimizerRule {
  let name = "sgd"
  let leavesRowsWithoutGradient = true
  var decay: Double?

  func update(_ step: WeightUpdate) -> Tensor { step.weight - step.rate * step.penalized }
}

private struct Momentum: OptimizerRule {
  let name: String
  var share: Double
  var decay: Double?
  var looksAhead: Bool

  var settings: [OptimizerSetting] { [.share("momentum", share)] }

  func update(_ step: WeightUpdate) -> Tensor {
    let gradient = step.penalized
    let velocity = step.state("momentum")
    velocity.next = velocity * share + gradient
    return step.weight - step.rate * (looksAhead ? gradient + velocity.next * share : velocity.next)
  }
}
