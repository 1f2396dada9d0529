/// Tells when a number that should fall, usually a validation loss, no longer does.
public struct EarlyStopping: Sendable, Hashable {
  /// How many readings in a row may fail to improve.
  public var patience: Int
  /// How much a reading must lie below the best one to count as better.
  public var leastImprovement: Double
  public private(set) var best = Double.infinity
  /// Readings since the best one.
  public private(set) var failures = 0

  public init(patience: Int, leastImprovement: Double = 0) {
    self.patience = patience
    self.leastImprovement = leastImprovement
  }

  /// Takes a reading; NaN counts as a failure.
  ///
  /// - Returns: whether to stop.
  public mutating func shouldStop(after reading: Double) -> Bool {
    if reading < best - leastImprovement {
      (best, failures) = (reading, 0)
    } else {
      failures += 1
    }
    return isExhausted
  }

  public var isExhausted: Bool { failures >= patience }

  /// What a checkpoint keeps: `[best, failures]`.
  public var progress: [Double] { [best, Double(failures)] }

  /// Goes on from what a checkpoint kept.
  ///
  /// - Returns: what is wrong with the numbers, nothing having changed then; nil where they are right.
  public mutating func restore(_ progress: [Double]) -> String? {
    guard progress.count == 2, !progress[0].isNaN, let count = Int(exactly: progress[1]), count >= 0,
      count <= TrainingPlan.largestStepCount
    else {
      return "needs the best loss and a count from 0 to \(TrainingPlan.largestStepCount), got \(progress)"
    }
    (best, failures) = (progress[0], count)
    return nil
  }
}
