/// Finds offsets with a small arena: a portfolio of greedy passes, a bounded exact search, then passes in orders that learn.
///
/// The result depends on the problem and the node limit only, never on time or on hash order.
public struct MemoryPlanner: Sendable {
  /// Nodes the exact search may visit after the greedy passes miss the lower bound; zero for greedy only.
  ///
  /// A node of a large problem takes more time and counts more than once.
  public var searchNodeLimit: Int

  /// Comparisons of two items that the greedy passes of one plan may make, less than two seconds' worth.
  private static let comparisonLimit = 800_000_000

  /// Keeps products of the node limit from overflowing.
  private static let largestNodeLimit = 1 << 32

  public init(searchNodeLimit: Int = 5_000) {
    self.searchNodeLimit = searchNodeLimit
  }

  public func plan(_ problem: MemoryProblem) -> MemoryPlan {
    let packing = Packing(problem)
    let goal = packing.sectionTotals().max() ?? 0
    let parts = packing.partitioned()
    let nodeLimit = min(searchNodeLimit, MemoryPlanner.largestNodeLimit)
    let comparisonsPerPass = parts.reduce(1) { $0 + $1.items.count * $1.items.count / 2 }
    var offsets = [Int](repeating: 0, count: problem.buffers.count)
    var tallest = PackingSolution(offsets: [], height: 0, method: "empty")
    for part in parts {
      let greedy = part.greedySolution(
        goal: goal, quadraticPassLimit: MemoryPlanner.comparisonLimit / comparisonsPerPass)
      // Parts share the arena, so one needs to be no lower than the tallest so far.
      let lowest = max(goal, tallest.height)
      let searched = part.improved(
        greedy, goal: lowest, nodeLimit: nodeLimit * part.items.count / packing.items.count)
      let solution = nodeLimit > 0 ? part.reordered(searched, goal: lowest) : searched
      for (item, offset) in zip(part.items, solution.offsets) {
        offsets[item.buffer] = offset * problem.alignment
      }
      if solution.height > tallest.height { tallest = solution }
    }
    return MemoryPlan(offsets: offsets, for: problem, method: tallest.method)
  }
}
