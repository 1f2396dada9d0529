import Modeling

extension Optimizer {
  /// Rates that fall with the squares seen so far (Duchi, Hazan and Singer 2011; torch.optim.Adagrad):
  /// `g' = g + decay p`, `s = s + g'^2`, `p = p - rate g' / (sqrt(s) + epsilon)`.
  ///
  /// - Parameter initial: the sum of squares at first.
  public static func adagrad(epsilon: Double = 1e-10, initial: Double = 0, decay: Double = 0) -> Optimizer {
    Optimizer(Adagrad(epsilon: epsilon, initial: initial, decay: decay))
  }
}

private struct Adagrad: OptimizerRule {
  let name = "adagrad"
  let leavesRowsWithoutGradient = true
  var epsilon: Double
  var initial: Double
  var decay: Double?

  var settings: [OptimizerSetting] { [.notNegative("epsilon", epsilon), .notNegative("initial", initial)] }

  func update(_ step: WeightUpdate) -> Tensor {
    let gradient = step.penalized
    let squares = step.state("adagrad.sum", initial: initial)
    squares.next = squares + gradient * gradient
    return step.weight - step.rate * gradient.normalized(by: squares.next, epsilon: epsilon)
  }
}
