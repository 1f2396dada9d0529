import Modeling

extension Optimizer {
  /// Gradients divided by their running root mean square (Tieleman and Hinton 2012; torch.optim.RMSprop):
  /// `g' = g + decay p`, `s = smoothing s + (1 - smoothing) g'^2`, `u = g' / (sqrt(s) + epsilon)`,
  /// `v = momentum v + u`, `p = p - rate v`.
  public static func rmsProp(
    smoothing: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0, decay: Double = 0
  ) -> Optimizer {
    Optimizer(RMSprop(smoothing: smoothing, epsilon: epsilon, momentum: momentum, decay: decay))
  }
}

private struct RMSprop: OptimizerRule {
  let name = "rmsprop"
  var smoothing: Double
  var epsilon: Double
  var momentum: Double
  var decay: Double?

  var settings: [OptimizerSetting] {
    [.share("smoothing", smoothing), .notNegative("epsilon", epsilon), .share("momentum", momentum)]
  }

  func update(_ step: WeightUpdate) -> Tensor {
    let gradient = step.penalized
    let squares = step.runningMean("rmsprop.square", of: gradient * gradient, keeping: smoothing)
    let direction = gradient.normalized(by: squares, epsilon: epsilon)
    if momentum == 0 { return step.weight - step.rate * direction }
    let velocity = step.state("momentum")
    velocity.next = velocity * momentum + direction
    return step.weight - step.rate * velocity.next
  }
}
