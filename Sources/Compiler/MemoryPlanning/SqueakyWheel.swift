extension Packing {
  /// Comparisons of two items that the reordered passes may make, less than half a second's worth.
  private static let reorderingComparisonLimit = 200_000_000

  /// A solution lower than the given one, found by greedy passes in orders that learn: what ended highest comes earlier
  /// the next time.
  ///
  /// Joslin and Clements, "Squeaky wheel optimization", Journal of Artificial Intelligence Research 10 (1999).
  func reordered(_ solution: PackingSolution, goal: Int) -> PackingSolution {
    var best = solution
    let passes = Self.reorderingComparisonLimit / max(1, items.count * items.count / 2)
    for start in [GreedyOrder.duration, .breadth] where best.height > goal {
      var order = start.sorted(self)
      for _ in 0..<min(passes / 2, 400) where best.height > goal {
        let offsets = GreedyPlacement.offsets(self, order: order, choice: .first)
        let height = height(of: offsets)
        if height < best.height {
          best = PackingSolution(offsets: offsets, height: height, method: "reordered from \(start.rawValue)")
        }
        order = moved(order) { offsets[$0] + items[$0].size == height }
      }
    }
    return best
  }

  /// The order in which what is blamed comes in half the time, all else unchanged.
  private func moved(_ order: [Int], where isBlamed: (Int) -> Bool) -> [Int] {
    let ranks = order.enumerated().map { rank, item in (rank: isBlamed(item) ? rank : 2 * rank, item: item) }
    return ranks.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element.item)
  }
}
