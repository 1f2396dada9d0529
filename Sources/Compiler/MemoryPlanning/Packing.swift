/// A memory problem reduced to what placing needs: sizes in alignment units, liveness in sections.
///
/// A section is a stretch of positions with one set of live buffers. Only sections whose set is not part
/// of a neighbour's are kept: two items conflict exactly when they share a kept section.
struct Packing {
  /// Sections of one liveness interval, half-open.
  struct Span {
    var lower: Int32
    var upper: Int32
  }

  /// A buffer that needs memory.
  struct Item {
    /// Place of the buffer in the memory problem.
    var buffer: Int
    /// Size in alignment units.
    var size: Int
    /// Number of schedule positions at which it is live.
    var duration: Int
    /// From its first to its last section.
    var hull: Span
    /// One span for every interval; empty when the only span is the hull.
    var spans: [Span]
  }

  var items: [Item]
  var sectionCount: Int

  /// Sum of the sizes of the items of each section.
  func sectionTotals() -> [Int] {
    var changes = [Int](repeating: 0, count: sectionCount + 1)
    for item in items {
      for span in item.allSpans {
        changes[Int(span.lower)] += item.size
        changes[Int(span.upper)] -= item.size
      }
    }
    var total = 0
    return changes.dropLast().map { change in
      total += change
      return total
    }
  }

  /// Largest end of an item.
  func height(of offsets: [Int]) -> Int {
    zip(items, offsets).reduce(0) { max($0, $1.0.size + $1.1) }
  }
}

extension Packing.Item {
  var allSpans: [Packing.Span] { spans.isEmpty ? [hull] : spans }

  /// Whether the two are live at some common position.
  func conflicts(with other: Packing.Item) -> Bool {
    guard hull.overlaps(other.hull) else { return false }
    if spans.isEmpty && other.spans.isEmpty { return true }
    return allSpans.contains { span in other.allSpans.contains { span.overlaps($0) } }
  }
}

extension Packing.Span {
  func overlaps(_ other: Packing.Span) -> Bool { lower < other.upper && other.lower < upper }

  func shifted(by sections: Int32) -> Packing.Span {
    Packing.Span(lower: lower - sections, upper: upper - sections)
  }
}
