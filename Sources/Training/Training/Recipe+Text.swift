extension Recipe: CustomStringConvertible {
  /// `300 steps, adamw, rate 0.001 constant, warm-up 20`: what differs from doing nothing.
  public var description: String { text(steps: "\(steps) steps") }

  /// - Parameter steps: how long it takes, in words.
  public func text(steps: String) -> String {
    let parts: [String?] = [
      steps, rule.rawValue, "rate \(learningRate) \(schedule.rawValue)", "warm-up \(warmUp)",
      weightDecay.map { "decay \($0)" }, decaysMatricesOnly ? "of matrices only" : nil,
      clippingNorm.map { "clipping \($0)" }, accumulatedSteps > 1 ? "accumulating \(accumulatedSteps)" : nil,
      averageShare.map { "averages \($0)" }, validateEvery > 0 ? "validating every \(validateEvery)" : nil,
      patience > 0 ? "patience \(patience)" : nil,
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }
}
