extension Packing {
  /// Items beyond which the exact search is not tried: its recursion is as deep as there are items.
  private static let searchItemLimit = 2_000

  /// Touched items and sections that count as one node: about five microseconds' worth.
  private static let workPerNode = 4_096

  /// A solution lower than the given one, where the exact search finds one; `goal` is low enough.
  func improved(_ solution: PackingSolution, goal: Int, nodeLimit: Int) -> PackingSolution {
    let unit = items.reduce(0) { greatestCommonDivisor($0, $1.size) }
    guard solution.height > goal, nodeLimit > 0, items.count <= Packing.searchItemLimit,
      solution.height / unit < Int32.max / 2
    else { return solution }
    var ladder = SearchLadder(
      packing: self, unit: unit, best: solution, goal: goal, work: nodeLimit * Packing.workPerNode)
    ladder.climb()
    return ladder.best
  }
}

/// Runs the exact search at several capacities and in several orders, with limits that double.
///
/// Search times are heavy-tailed: a tight capacity may be easier than a loose one because it cuts more.
/// Many short runs therefore find more than few long ones.
private struct SearchLadder {
  let packing: Packing
  let unit: Int
  let instances: [SearchInstance]
  var best: PackingSolution
  /// Lowest capacity not proven infeasible, in search units.
  var floor: Int
  var work: Int

  init(packing: Packing, unit: Int, best: PackingSolution, goal: Int, work: Int) {
    self.packing = packing
    self.unit = unit
    instances = SearchInstance.orders.map { SearchInstance(packing, order: $0, unit: unit) }
    self.best = best
    floor = (goal + unit - 1) / unit
    self.work = work
  }

  /// Lowest known height, in search units.
  private var height: Int { best.height / unit }

  /// The floor, then quarters of the way from the best solution down to it.
  private var capacities: [Int] {
    let gap = height - floor
    return [floor, floor + gap * 3 / 4, floor + gap / 2, floor + gap / 4]
  }

  mutating func climb() {
    // Enough to place all items twice: the list halves on average.
    var limit = instances[0].nodeWork * instances[0].sizes.count
    while work > 0 && height > floor {
      for capacity in capacities where capacity >= floor && capacity < height {
        for order in instances.indices where capacity >= floor && capacity < height {
          // The floor gets more: it cuts most, and below it nothing is left to find.
          attempt(capacity, order: order, limit: capacity == floor ? 2 * limit : limit)
        }
      }
      limit = min(2 * limit, max(work, 1))
    }
  }

  private mutating func attempt(_ capacity: Int, order: Int, limit: Int) {
    guard work > 0 else { return }
    let limit = min(limit, work)
    var search = CanonicalSearch(instances[order], capacity: Int32(capacity), work: limit)
    let outcome = search.run()
    work -= limit - search.work
    switch outcome {
    case .found: accept(search.state.offsets, order: order)
    case .infeasible: floor = capacity + 1
    case .exhausted: break
    }
  }

  private mutating func accept(_ found: UnsafeMutablePointer<Int32>, order: Int) {
    let instance = instances[order]
    for (item, place) in instance.places.enumerated() { best.offsets[place] = Int(found[item]) * unit }
    best.height = packing.height(of: best.offsets)
    best.method = "exact search, order \(SearchInstance.orderNames[order])"
  }
}

private func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
  right == 0 ? left : greatestCommonDivisor(right, left % right)
}
