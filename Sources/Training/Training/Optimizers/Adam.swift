import GraphIR
import Operators

extension Optimizer {
  /// Adam with the decay inside the gradient (Kingma and Ba 2015; torch.optim.Adam):
  /// `g' = g + decay p`, `m = b1 m + (1 - b1) g'`, `v = b2 v + (1 - b2) g'^2`,
  /// `p = p - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)`.
  public static func adam(
    betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8, decay: Double = 0
  ) -> Optimizer {
    Optimizer("adam", adamSettings(betas, epsilon, decay)) { context in
      let step = context.adamStep(context.penalized(decay), betas, epsilon)
      return context.moved(context.weight, against: step)
    }
  }

  static func adamSettings(_ betas: (Double, Double), _ epsilon: Double, _ decay: Double) -> [OptimizerSetting] {
    [
      .share("betas.0", betas.0), .share("betas.1", betas.1), .notNegative("epsilon", epsilon),
      .notNegative("decay", decay),
    ]
  }
}

extension OptimizerContext {
  /// The mean of the gradient over the root of the mean of its square, both without their bias towards zero.
  func adamStep(_ gradient: Graph.Value, _ betas: (Double, Double), _ epsilon: Double) -> Graph.Value {
    // Scalars first, so that all work on the weight is one kernel.
    let first = biasCorrection("adam.power1", betas.0)
    let second = biasCorrection("adam.power2", betas.1)
    let m = moment("adam.m") { blend($0, gradient, keeping: betas.0) }
    let v = moment("adam.v") { blend($0, build.multiply(gradient, gradient), keeping: betas.1) }
    return normalized(build.multiply(m, first), by: build.multiply(v, second), epsilon: epsilon)
  }
}
