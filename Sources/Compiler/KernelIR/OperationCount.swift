/// Counts of operations, which stop at a number that no machine reaches in a life, but a plan on paper does.
public enum OperationCount {
  /// More than a hundred of them still add up to an `Int`.
  public static let most = 1 << 56

  /// The product of factors that are not negative.
  public static func product(_ factors: [Int]) -> Int {
    // A 0 among them counts, however large the others are.
    guard !factors.contains(0) else { return 0 }
    return factors.reduce(1) { total, factor in
      let (count, isTooLarge) = total.multipliedReportingOverflow(by: factor)
      return isTooLarge ? most : min(count, most)
    }
  }

  /// A count of something that happens so often on average: no negative number.
  public static func product(_ count: Int, _ average: Double) -> Int {
    Int(min(Double(count) * average, Double(most)).rounded())
  }

  /// The sum of two counts.
  public static func sum(_ first: Int, _ second: Int) -> Int { min(first + second, most) }
}
