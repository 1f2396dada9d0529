extension Optimizer {
  /// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019; torch.optim.AdamW).
  ///
  /// `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`,
  /// `p = p (1 - rate decay) - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)`.
  public static func adamW(
    betas: (Double, Double) = (0.9, 0.95), epsilon: Double = 1e-8, decay: Double = 0.1
  ) -> Optimizer {
    Optimizer("adamw", adamSettings(betas, epsilon, decay)) { context in
      let step = context.adamStep(context.gradient, betas, epsilon)
      return context.moved(context.decayed(decay), against: step)
    }
  }
}
