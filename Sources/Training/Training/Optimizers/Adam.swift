import Modeling

extension Optimizer {
  /// Adam with the decay inside the gradient (Kingma and Ba 2015; torch.optim.Adam):
  /// `g' = g + decay p`, `m = b1 m + (1 - b1) g'`, `v = b2 v + (1 - b2) g'^2`,
  /// `p = p - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)`.
  public static func adam(
    betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8, decay: Double = 0
  ) -> Optimizer {
    Optimizer(Adam(name: "adam", betas: betas, epsilon: epsilon, decay: decay, isDecoupled: false))
  }

  /// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019; torch.optim.AdamW).
  ///
  /// `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
  /// `p = p (1 - rate decay) - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)`.
  public static func adamW(
    betas: (Double, Double) = (0.9, 0.95), epsilon: Double = 1e-8, decay: Double = 0.1
  ) -> Optimizer {
    Optimizer(Adam(name: "adamw", betas: betas, epsilon: epsilon, decay: decay, isDecoupled: true))
  }
}

private struct Adam: OptimizerRule {
  let name: String
  var betas: (Double, Double)
  var epsilon: Double
  var decay: Double?
  /// Whether the decay shrinks the weight itself.
  var isDecoupled: Bool

  var settings: [OptimizerSetting] { OptimizerSetting.betas(betas) + [.notNegative("epsilon", epsilon)] }

  func update(_ step: WeightUpdate) -> Tensor {
    let moments = AdamMoments(step, isDecoupled ? step.gradient : step.penalized, betas)
    // The mean of the gradient over the root of the mean of its square, both without their bias towards zero.
    let (mean, square) = (moments.mean * moments.meanCorrection, moments.square * moments.squareCorrection)
    let direction = mean.normalized(by: square, epsilon: epsilon)
    return (isDecoupled ? step.decayed : step.weight) - step.rate * direction
  }
}

/// Running means of a gradient and its square, and what takes their bias towards zero away.
struct AdamMoments {
  let meanCorrection: Tensor
  let squareCorrection: Tensor
  let mean: Tensor
  let square: Tensor

  init(_ step: WeightUpdate, _ gradient: Tensor, _ betas: (Double, Double)) {
    // Scalars first, so that all work on the weight is one kernel.
    meanCorrection = step.biasCorrection("adam.power1", betas.0)
    squareCorrection = step.biasCorrection("adam.power2", betas.1)
    mean = step.runningMean("adam.m", of: gradient, keeping: betas.0)
    square = step.runningMean("adam.v", of: gradient * gradient, keeping: betas.1)
  }
}

extension OptimizerSetting {
  static func betas(_ betas: (Double, Double)) -> [OptimizerSetting] {
    [.share("betas.0", betas.0), .share("betas.1", betas.1)]
  }
}
