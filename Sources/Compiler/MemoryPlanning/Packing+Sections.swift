extension Packing {
  /// The buffers of a problem that need memory.
  init(_ problem: MemoryProblem) {
    let needed = problem.buffers.indices.filter {
      problem.buffers[$0].byteCount > 0 && !problem.buffers[$0].intervals.isEmpty
    }
    let sections = SectionMap(needed.lazy.flatMap { problem.buffers[$0].intervals })
    sectionCount = sections.count
    items = needed.map { index in
      let buffer = problem.buffers[index]
      let spans = buffer.intervals.map(sections.span)
      return Item(
        buffer: index, size: (buffer.byteCount - 1) / problem.alignment + 1,
        duration: buffer.intervals.reduce(0) { $0 + $1.count },
        hull: Span(lower: spans[0].lower, upper: spans[spans.count - 1].upper),
        spans: spans.count == 1 ? [] : spans)
    }
  }

  /// Parts of which no two have items that are live together, in order of time.
  func partitioned() -> [Packing] {
    var parts: [Packing] = []
    var first: Int32 = 0
    var current: [Item] = []
    var end: Int32 = 0
    func finish() {
      let shifted = current.map { $0.shifted(by: first) }
      parts.append(Packing(items: shifted, sectionCount: Int(end - first)))
      current.removeAll()
    }
    for index in items.indices.sorted(by: { (items[$0].hull.lower, $0) < (items[$1].hull.lower, $1) }) {
      let item = items[index]
      if !current.isEmpty && item.hull.lower >= end { finish() }
      if current.isEmpty { first = item.hull.lower }
      end = max(end, item.hull.upper)
      current.append(item)
    }
    if !current.isEmpty { finish() }
    return parts
  }
}

extension Packing.Item {
  fileprivate func shifted(by sections: Int32) -> Packing.Item {
    var item = self
    item.hull = hull.shifted(by: sections)
    item.spans = spans.map { $0.shifted(by: sections) }
    return item
  }
}

/// Translates schedule positions to sections.
private struct SectionMap {
  private var positions: [Int] = []
  private var sectionsBefore: [Int32] = []

  var count: Int { Int(sectionsBefore.last ?? 0) }

  /// A section is kept when an interval starts at its start and one ends at its end.
  init(_ intervals: some Sequence<Range<Int>>) {
    // Starts are odd and ends even, so that sorting puts them in order of position.
    var events: [Int] = []
    for interval in intervals {
      events.append(interval.lowerBound << 1 | 1)
      events.append(interval.upperBound << 1)
    }
    events.sort()
    var sections: Int32 = 0
    var follows = false
    for event in events {
      let isStart = event & 1 == 1
      if follows && !isStart { sections += 1 }
      follows = isStart
      if positions.last != event >> 1 {
        positions.append(event >> 1)
        sectionsBefore.append(sections)
      }
    }
  }

  /// The kept sections of a liveness interval.
  func span(_ interval: Range<Int>) -> Packing.Span {
    Packing.Span(lower: sections(before: interval.lowerBound), upper: sections(before: interval.upperBound))
  }

  private func sections(before position: Int) -> Int32 {
    var range = 0..<positions.count
    while range.count > 1 {
      let middle = (range.lowerBound + range.upperBound) / 2
      range = positions[middle] <= position ? middle..<range.upperBound : range.lowerBound..<middle
    }
    return sectionsBefore[range.lowerBound]
  }
}
