extension Optimizer {
  /// Rates that fall with the squares seen so far (Duchi, Hazan and Singer 2011; torch.optim.Adagrad):
  /// `g' = g + decay p`, `s = s + g'^2`, `p = p - rate g' / (sqrt(s) + epsilon)`.
  ///
  /// - Parameter initial: the sum of squares at first.
  public static func adagrad(epsilon: Double = 1e-10, initial: Double = 0, decay: Double = 0) -> Optimizer {
    let settings: [OptimizerSetting] = [
      .notNegative("epsilon", epsilon), .notNegative("initial", initial), .notNegative("decay", decay),
    ]
    return Optimizer("adagrad", settings) { context in
      let build = context.build
      let gradient = context.penalized(decay)
      let squares = context.moment("adagrad.sum", initial: initial) {
        build.add($0, build.multiply(gradient, gradient))
      }
      return context.moved(context.weight, against: context.normalized(gradient, by: squares, epsilon: epsilon))
    }
  }
}
