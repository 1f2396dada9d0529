extension Optimizer {
  /// Stochastic gradient descent: `p = p - rate (g + decay p)`; with momentum as `momentum(_:decay:)` has it.
  public static func gradientDescent(momentum: Double = 0, decay: Double = 0) -> Optimizer {
    if momentum != 0 { return .momentum(momentum, decay: decay) }
    return Optimizer("sgd", [.notNegative("decay", decay)]) { context in
      context.moved(context.weight, against: context.penalized(decay))
    }
  }
}
