extension Optimizer {
  /// Momentum that looks ahead (Nesterov 1983, in the form of Sutskever et al. 2013 as torch.optim.SGD has it):
  /// `g' = g + decay p`, `v = share v + g'`, `p = p - rate (g' + share v)`.
  public static func nesterov(_ share: Double = 0.9, decay: Double = 0) -> Optimizer {
    Optimizer("nesterov", [.share("momentum", share), .notNegative("decay", decay)]) { context in
      let build = context.build
      let gradient = context.penalized(decay)
      let velocity = context.moment("momentum") { build.add(build.scale($0, by: share), gradient) }
      return context.moved(context.weight, against: build.add(gradient, build.scale(velocity, by: share)))
    }
  }
}
