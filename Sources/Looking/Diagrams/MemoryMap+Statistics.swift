extension MemoryMap {
  /// One past the last schedule position.
  var positionCount: Int {
    let ends = blocks.flatMap { $0.intervals.map(\.upperBound) } + phases.map(\.positions.upperBound)
    return max(ends.max() ?? 0, 1)
  }

  /// Live bytes at each schedule position.
  var liveByteCounts: [Int] {
    var changes = Array(repeating: 0, count: positionCount + 1)
    for block in blocks {
      for interval in block.intervals where !interval.isEmpty {
        changes[max(interval.lowerBound, 0)] += block.byteCount
        changes[interval.upperBound] -= block.byteCount
      }
    }
    var live = 0
    return changes.dropLast().map { change in
      live += change
      return live
    }
  }

  /// The first position with the most live bytes.
  var peakPosition: Int {
    let live = liveByteCounts
    return live.firstIndex(of: live.max() ?? 0) ?? 0
  }

  /// The blocks alive at a position, largest first; equal sizes by address.
  func blocks(at position: Int) -> [Block] {
    blocks.filter { $0.intervals.contains { $0.contains(position) } }.sorted {
      ($1.byteCount, $0.byteOffset, $0.name) < ($0.byteCount, $1.byteOffset, $1.name)
    }
  }

  /// The categories in order of first appearance.
  var categories: [String] {
    var seen: Set<String> = []
    return blocks.map(\.category).filter { seen.insert($0).inserted }
  }

  /// How many other phases surround each phase.
  var phaseDepths: [Int] {
    phases.enumerated().map { index, phase in
      phases.enumerated().count { other, around in
        let surrounds =
          around.positions.lowerBound <= phase.positions.lowerBound
          && around.positions.upperBound >= phase.positions.upperBound
        return other != index && surrounds && (around.positions != phase.positions || other < index)
      }
    }
  }

  /// The plan in one line: `arena 41.2 MB, lower bound 40.0 MB, 97.1 %`.
  var summary: String {
    // Rounded down: 100 % is said of a perfect plan only.
    let share = arenaByteCount == 0 ? 100 : Double(lowerBoundByteCount) / Double(arenaByteCount) * 100
    return "arena \(ByteText.short(arenaByteCount)), lower bound \(ByteText.short(lowerBoundByteCount)), "
      + "\(SVGText.number((share * 10).rounded(.down) / 10)) %"
  }
}
