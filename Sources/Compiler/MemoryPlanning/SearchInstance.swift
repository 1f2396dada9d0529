/// A packing in the form the exact search works on: 32-bit units, items numbered in a static order.
struct SearchInstance {
  /// What a static order compares, largest first.
  enum Key {
    /// Number of schedule positions.
    case width
    case area
    /// Largest section total among the item's sections.
    case total
  }

  /// The orders of Moffitt, "MiniMalloc", ASPLOS 2023, doi 10.1145/3623278.3624752.
  static let orders: [[Key]] = [[.width, .area, .total], [.total, .area, .width], [.total, .width, .area]]

  static let orderNames = ["WAT", "TAW", "TWA"]

  /// Place in the packing of every item.
  let places: [Int]
  let sizes: [Int32]
  let hulls: [Packing.Span]
  /// Spans of all items one after the other; those of item i start at `spanStarts[i]`.
  let spans: [Packing.Span]
  let spanStarts: [Int32]
  let sectionTotals: [Int32]

  /// Sizes are divided by `unit`, a common divisor of all of them.
  init(_ packing: Packing, order: [Key], unit: Int) {
    places = SearchInstance.sortedPlaces(packing, order)
    let items = places.map { packing.items[$0] }
    sizes = items.map { Int32($0.size / unit) }
    hulls = items.map(\.hull)
    spans = items.flatMap(\.allSpans)
    var starts: [Int32] = [0]
    for item in items { starts.append(starts[starts.count - 1] + Int32(item.allSpans.count)) }
    spanStarts = starts
    sectionTotals = packing.sectionTotals().map { Int32($0 / unit) }
  }

  private static func sortedPlaces(_ packing: Packing, _ order: [Key]) -> [Int] {
    let largest = RangeMaximum(packing.sectionTotals())
    let keys = packing.items.map { item in
      order.map { key in
        switch key {
        case .width: Double(item.duration)
        case .area: Double(item.size) * Double(item.duration)
        case .total: Double(item.allSpans.reduce(0) { max($0, largest[Int($1.lower)..<Int($1.upper)]) })
        }
      }
    }
    return packing.items.indices.sorted { left, right in
      keys[left] == keys[right] ? left < right : keys[right].lexicographicallyPrecedes(keys[left])
    }
  }

  /// Items and sections that a search node touches when none is placed.
  var nodeWork: Int {
    spans.reduce(4 * sizes.count) { $0 + Int($1.upper - $1.lower) }
  }

  /// Whether two items with overlapping hulls are live in a common section.
  func conflict(_ left: Int, _ right: Int) -> Bool {
    let leftSpans = spans(of: left)
    let rightSpans = spans(of: right)
    if leftSpans.count == 1 && rightSpans.count == 1 { return true }
    return leftSpans.contains { left in
      rightSpans.contains { spans[left].overlaps(spans[$0]) }
    }
  }

  private func spans(of item: Int) -> Range<Int> {
    Int(spanStarts[item])..<Int(spanStarts[item + 1])
  }
}
