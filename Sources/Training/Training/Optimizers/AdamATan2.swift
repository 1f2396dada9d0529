extension Optimizer {
  /// The optimizer of the Tiny Recursive Model (imoneoi/adam-atan2): no epsilon, steps of at most pi / 2 times the rate.
  ///
  /// `p = p (1 - rate decay) - rate / (1 - b1^t) atan2(m, sqrt(v) / sqrt(1 - b2^t))`; the first correction stands outside
  /// the arctangent, as in the published kernel.
  public static func adamATan2(betas: (Double, Double) = (0.9, 0.95), decay: Double = 1) -> Optimizer {
    Optimizer("adam-atan2", adamSettings(betas, 0, decay)) { context in
      let (build, gradient) = (context.build, context.gradient)
      // Scalars first, so that all work on the weight is one kernel.
      let correction = build.emit1(.squareRoot, context.biasCorrection("adam.power2", betas.1))
      let first = context.biasCorrection("adam.power1", betas.0)
      let m = context.moment("adam.m") { context.blend($0, gradient, keeping: betas.0) }
      let v = context.moment("adam.v") { context.blend($0, build.multiply(gradient, gradient), keeping: betas.1) }
      let root = build.multiply(build.emit1(.squareRoot, v), correction)
      let angle = build.emit1(.arctangent2, m, root)
      let rate = build.multiply(context.rate, first)
      return build.subtract(context.decayed(decay), build.multiply(rate, angle))
    }
  }
}
