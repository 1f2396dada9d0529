/// The order in which a greedy pass places items, the most difficult first.
///
/// Names as in Pisarchyk and Lee, "Efficient memory management for deep neural net inference",
/// arXiv 2001.03288.
enum GreedyOrder: String {
  /// Largest first.
  case size
  /// Largest product of size and duration first.
  case area
  /// Longest-lived first.
  case duration
  /// As the schedule creates them.
  case birth
  /// Those of the fullest section first.
  case breadth

  /// The places of a packing's items in this order; ties go to the larger, then to the earlier.
  func sorted(_ packing: Packing) -> [Int] {
    let keys = keys(packing)
    let items = packing.items
    return items.indices.sorted { left, right in
      if keys[left] != keys[right] { return keys[left] > keys[right] }
      if items[left].size != items[right].size { return items[left].size > items[right].size }
      return (items[left].hull.lower, left) < (items[right].hull.lower, right)
    }
  }

  private func keys(_ packing: Packing) -> [Double] {
    switch self {
    case .size: packing.items.map { Double($0.size) }
    case .area: packing.items.map { Double($0.size) * Double($0.duration) }
    case .duration: packing.items.map { Double($0.duration) }
    case .birth: packing.items.map { -Double($0.hull.lower) }
    case .breadth: breadths(packing)
    }
  }

  private func breadths(_ packing: Packing) -> [Double] {
    let largest = RangeMaximum(packing.sectionTotals())
    return packing.items.map { item in
      Double(item.allSpans.reduce(0) { max($0, largest[Int($1.lower)..<Int($1.upper)]) })
    }
  }
}

/// Largest element of any range in constant time, from the maxima of all power-of-two windows.
struct RangeMaximum {
  private var levels: [[Int]]

  init(_ values: [Int]) {
    levels = [values]
    var width = 1
    while 2 * width <= values.count, let last = levels.last {
      levels.append((0...(values.count - 2 * width)).map { max(last[$0], last[$0 + width]) })
      width *= 2
    }
  }

  subscript(range: Range<Int>) -> Int {
    let level = Int.bitWidth - 1 - range.count.leadingZeroBitCount
    return max(levels[level][range.lowerBound], levels[level][range.upperBound - (1 << level)])
  }
}
