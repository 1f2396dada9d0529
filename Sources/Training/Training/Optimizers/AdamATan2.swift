import Modeling

extension Optimizer {
  /// The optimizer of the Tiny Recursive Model (imoneoi/adam-atan2): no epsilon, steps of at most pi / 2 times the rate.
  ///
  /// `p = p (1 - rate decay) - rate / (1 - b1^t) atan2(m, sqrt(v) / sqrt(1 - b2^t))`; the first correction stands outside
  /// the arctangent, as in the published kernel.
  public static func adamATan2(betas: (Double, Double) = (0.9, 0.95), decay: Double = 1) -> Optimizer {
    Optimizer(AdamATan2(betas: betas, decay: decay))
  }
}

private struct AdamATan2: OptimizerRule {
  let name = "adam-atan2"
  var betas: (Double, Double)
  var decay: Double?

  var settings: [OptimizerSetting] { OptimizerSetting.betas(betas) }

  func update(_ step: WeightUpdate) -> Tensor {
    let moments = AdamMoments(step, step.gradient, betas)
    let angle = atan2(moments.mean, sqrt(moments.square) * sqrt(moments.squareCorrection))
    return step.decayed - step.rate * moments.meanCorrection * angle
  }
}
