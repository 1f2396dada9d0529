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
  public var progress: [Double] {
    get { [best, Double(failures)] }
    set { if newValue.count == 2 { (best, failures) = (newValue[0], Int(newValue[1])) } }
  }
}
