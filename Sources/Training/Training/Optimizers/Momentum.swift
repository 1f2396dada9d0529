extension Optimizer {
  /// Gradient descent with a heavy ball (Polyak 1964; torch.optim.SGD): `v = share v + g + decay p`, `p = p - rate v`.
  public static func momentum(_ share: Double = 0.9, decay: Double = 0) -> Optimizer {
    Optimizer("momentum", [.share("momentum", share), .notNegative("decay", decay)]) { context in
      let build = context.build
      let gradient = context.penalized(decay)
      let velocity = context.moment("momentum") { build.add(build.scale($0, by: share), gradient) }
      return context.moved(context.weight, against: velocity)
    }
  }
}
