extension Optimizer {
  /// Stochastic gradient descent: `v = momentum v + g`, `p = p (1 - rate decay) - rate v`.
  public static func gradientDescent(momentum: Double = 0, decay: Double = 0) -> Optimizer {
    Optimizer(momentum == 0 ? "sgd" : "momentum") { context in
      let (build, gradient) = (context.build, context.gradient)
      let step =
        momentum == 0
        ? gradient
        : context.moment("momentum") { build.add(build.scale($0, by: momentum), gradient) }
      return build.subtract(context.decayed(decay), build.multiply(context.rate, step))
    }
  }
}
