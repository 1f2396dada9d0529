/// Spearman's rank correlation: Pearson's of the ranks, equal numbers sharing the mean of theirs.
public enum RankCorrelation {
  /// NaN where there are fewer than two pairs or one side is all equal.
  public static func spearman(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "needs pairs, got \(a.count) and \(b.count) numbers")
    return pearson(ranks(a), ranks(b))
  }

  static func ranks(_ numbers: [Double]) -> [Double] {
    let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
    var ranks = Array(repeating: 0.0, count: numbers.count)
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, numbers[order[end]] == numbers[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }

  private static func pearson(_ a: [Double], _ b: [Double]) -> Double {
    let count = Double(a.count)
    let (meanA, meanB) = (a.reduce(0, +) / count, b.reduce(0, +) / count)
    var (products, squaresA, squaresB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      products += (x - meanA) * (y - meanB)
      squaresA += (x - meanA) * (x - meanA)
      squaresB += (y - meanB) * (y - meanB)
    }
    return products / (squaresA * squaresB).squareRoot()
  }
}
