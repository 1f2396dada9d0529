/// Walks the schedule once, taking memory where an item is born and freeing it where it dies.
///
/// Nearly linear, so that it serves where comparing pairs of items is too slow. An item with holes keeps
/// its memory in the holes.
struct OnlinePlacement {
  private struct Block {
    var offset: Int
    var size: Int
    var end: Int { offset + size }
  }

  /// Free blocks below `top`, lowest first; none touches another or the top.
  private var free: [Block] = []
  private var top = 0
  private let choice: GapChoice

  /// Offsets from walking the schedule forwards, or from its end to its start.
  static func offsets(_ packing: Packing, choice: GapChoice, isReversed: Bool) -> [Int] {
    let count = packing.sectionCount
    var born = [[Int]](repeating: [], count: count)
    var dead = [[Int]](repeating: [], count: count + 1)
    for (index, item) in packing.items.enumerated() {
      let lower = Int(item.hull.lower)
      let upper = Int(item.hull.upper)
      born[isReversed ? count - upper : lower].append(index)
      dead[isReversed ? count - lower : upper].append(index)
    }
    var placement = OnlinePlacement(choice: choice)
    var offsets = [Int](repeating: 0, count: packing.items.count)
    for section in 0..<count {
      for index in dead[section] { placement.release(offsets[index], packing.items[index].size) }
      for index in born[section].sorted(by: packing.isLarger) {
        offsets[index] = placement.take(packing.items[index].size)
      }
    }
    return offsets
  }

  private init(choice: GapChoice) { self.choice = choice }

  private mutating func take(_ size: Int) -> Int {
    guard let index = fittingBlock(size) else {
      top += size
      return top - size
    }
    let offset = free[index].offset
    if free[index].size == size {
      free.remove(at: index)
    } else {
      free[index] = Block(offset: offset + size, size: free[index].size - size)
    }
    return offset
  }

  private func fittingBlock(_ size: Int) -> Int? {
    if choice == .first { return free.firstIndex { $0.size >= size } }
    var best: Int?
    var smallest = Int.max
    for (index, block) in free.enumerated() where block.size >= size && block.size < smallest {
      smallest = block.size
      best = index
      if smallest == size { break }
    }
    return best
  }

  private mutating func release(_ offset: Int, _ size: Int) {
    var block = Block(offset: offset, size: size)
    let next = firstBlock(above: offset)
    var replaced = next..<next
    if next < free.count && free[next].offset == block.end {
      block.size += free[next].size
      replaced = next..<(next + 1)
    }
    if next > 0 && free[next - 1].end == offset {
      block = Block(offset: free[next - 1].offset, size: free[next - 1].size + block.size)
      replaced = (next - 1)..<replaced.upperBound
    }
    if block.end == top {
      top = block.offset
      free.removeSubrange(replaced)
    } else {
      free.replaceSubrange(replaced, with: CollectionOfOne(block))
    }
  }

  private func firstBlock(above offset: Int) -> Int {
    var range = 0..<free.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      let isAbove = free[middle].offset > offset
      range = isAbove ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
    }
    return range.lowerBound
  }
}

extension Packing {
  fileprivate func isLarger(_ left: Int, _ right: Int) -> Bool {
    (-items[left].size, left) < (-items[right].size, right)
  }
}
