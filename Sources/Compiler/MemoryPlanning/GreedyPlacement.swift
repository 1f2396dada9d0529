/// Which of the gaps between placed items a greedy pass chooses.
enum GapChoice: String {
  /// The lowest that is large enough.
  case first
  /// The smallest that is large enough, the lowest among equals.
  case best
}

/// Places items one after the other, each in a gap between the items it conflicts with, else above them.
struct GreedyPlacement {
  private struct Placed {
    var lower: Int32
    var upper: Int32
    var index: Int32
  }

  private let packing: Packing
  private let choice: GapChoice
  private var offsets: [Int]
  /// Placed items, lowest offset first.
  private var placed: [Placed] = []

  /// The offsets that a packing's items get when placed in the given order.
  static func offsets(_ packing: Packing, order: [Int], choice: GapChoice) -> [Int] {
    var placement = GreedyPlacement(packing, choice: choice)
    for index in order { placement.place(index) }
    return placement.offsets
  }

  private init(_ packing: Packing, choice: GapChoice) {
    self.packing = packing
    self.choice = choice
    offsets = [Int](repeating: 0, count: packing.items.count)
    placed.reserveCapacity(packing.items.count)
  }

  private mutating func place(_ index: Int) {
    let offset = choice == .first ? lowestGap(for: index) : smallestGap(for: index)
    offsets[index] = offset
    let hull = packing.items[index].hull
    placed.insert(
      Placed(lower: hull.lower, upper: hull.upper, index: Int32(index)), at: firstPlaced(above: offset))
  }

  private func lowestGap(for index: Int) -> Int {
    let size = packing.items[index].size
    var end = 0
    forEachConflict(of: index) { offset, otherEnd in
      if offset - end >= size { return false }
      end = max(end, otherEnd)
      return true
    }
    return end
  }

  private func smallestGap(for index: Int) -> Int {
    let size = packing.items[index].size
    var end = 0
    var smallest = Int.max
    var chosen: Int?
    forEachConflict(of: index) { offset, otherEnd in
      let gap = offset - end
      if gap >= size && gap < smallest {
        smallest = gap
        chosen = end
      }
      end = max(end, otherEnd)
      // No gap can be smaller than one that fits exactly.
      return smallest > size
    }
    return chosen ?? end
  }

  /// Calls `visit` with start and end of the placed items that conflict, lowest first, until it is false.
  @inline(__always)
  private func forEachConflict(of index: Int, _ visit: (Int, Int) -> Bool) {
    let item = packing.items[index]
    let lower = item.hull.lower
    let upper = item.hull.upper
    for other in placed where other.lower < upper && lower < other.upper {
      let otherIndex = Int(other.index)
      guard packing.items[otherIndex].conflicts(with: item) else { continue }
      let offset = offsets[otherIndex]
      guard visit(offset, offset + packing.items[otherIndex].size) else { return }
    }
  }

  private func firstPlaced(above offset: Int) -> Int {
    var range = 0..<placed.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      let isAbove = offsets[Int(placed[middle].index)] > offset
      range = isAbove ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
    }
    return range.lowerBound
  }
}
