extension Optimizer {
  /// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019).
  ///
  /// `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
  /// `p = p (1 - rate decay) - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)`.
  public static func adamW(
    betas: (Double, Double) = (0.9, 0.95), epsilon: Double = 1e-8, decay: Double = 0.1
  ) -> Optimizer {
    Optimizer("adamw") { context in
      let (build, gradient) = (context.build, context.gradient)
      // Scalars first, so that all work on the weight is one kernel.
      let first = context.biasCorrection("adam.power1", betas.0)
      let second = context.biasCorrection("adam.power2", betas.1)
      let m = context.moment("adam.m") { context.blend($0, gradient, keeping: betas.0) }
      let v = context.moment("adam.v") { context.blend($0, build.multiply(gradient, gradient), keeping: betas.1) }
      let mean = build.multiply(m, first)
      let variance = build.multiply(v, second)
      let root = build.emit1(.squareRoot, variance)
      let step = build.divide(mean, build.add(root, build.constant(epsilon, like: root)))
      return build.subtract(context.decayed(decay), build.multiply(context.rate, step))
    }
  }
}
