extension Collection<Double> {
  /// The middle of the sorted numbers, or the mean of the two in the middle; not a number without any.
  public var median: Double { quantile(0.5) }

  /// The number below which a share of the sorted numbers lies, between neighbours in proportion.
  public func quantile(_ share: Double) -> Double {
    let sorted = self.sorted()
    guard let last = sorted.last else { return .nan }
    let place = share * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return last }
    // Equal neighbours may be infinite: runs that never ended.
    if sorted[index] == sorted[index + 1] { return sorted[index] }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }

  public var mean: Double { isEmpty ? .nan : reduce(0, +) / Double(count) }
}
