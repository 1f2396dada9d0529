extension Optimizer {
  /// Gradients divided by their running root mean square (Tieleman and Hinton 2012; torch.optim.RMSprop):
  /// `g' = g + decay p`, `s = smoothing s + (1 - smoothing) g'^2`, `u = g' / (sqrt(s) + epsilon)`,
  /// `v = momentum v + u`, `p = p - rate v`.
  public static func rmsProp(
    smoothing: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0, decay: Double = 0
  ) -> Optimizer {
    let settings: [OptimizerSetting] = [
      .share("smoothing", smoothing), .notNegative("epsilon", epsilon), .share("momentum", momentum),
      .notNegative("decay", decay),
    ]
    return Optimizer("rmsprop", settings) { context in
      let build = context.build
      let gradient = context.penalized(decay)
      let squares = context.moment("rmsprop.square") {
        context.blend($0, build.multiply(gradient, gradient), keeping: smoothing)
      }
      let step = context.normalized(gradient, by: squares, epsilon: epsilon)
      if momentum == 0 { return context.moved(context.weight, against: step) }
      let velocity = context.moment("momentum") { build.add(build.scale($0, by: momentum), step) }
      return context.moved(context.weight, against: velocity)
    }
  }
}
