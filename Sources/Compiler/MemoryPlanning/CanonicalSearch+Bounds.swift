/// An item at an offset; compares in canonical order: by offset, then by item.
struct Placement: Comparable {
  private var bits: Int64

  init(offset: Int32, item: Int) { bits = Int64(offset) << 32 | Int64(item) }

  var item: Int { Int(bits & 0xFFFF_FFFF) }

  static func < (left: Placement, right: Placement) -> Bool { left.bits < right.bits }
}

extension CanonicalSearch {
  /// The lowest end that some item of a list can have, or nothing when the list cannot fit.
  ///
  /// An item that starts at or above this end comes later: below it the other one would fit.
  mutating func leastTop(of list: Range<Int>, after previous: Placement) -> Int32? {
    var top = Int32.max
    var candidateTop = Int32.max
    var sections = Int32.max..<Int32.max
    for place in list {
      let item = Int(state.open[place])
      let end = state.offsets[item] + instance.sizes[item]
      top = min(top, end)
      if Placement(offset: state.offsets[item], item: item) > previous {
        candidateTop = min(candidateTop, end)
      }
      let hull = instance.hulls[item]
      let upper = sections.lowerBound == Int32.max ? hull.upper : max(sections.upperBound, hull.upper)
      sections = min(sections.lowerBound, hull.lower)..<upper
    }
    guard candidateTop <= capacity else { return nil }
    let span = Int(sections.lowerBound)..<Int(sections.upperBound)
    return fits(list, span, after: previous, candidateTop: candidateTop) ? top : nil
  }

  /// Whether every item and every section can still stay within the capacity.
  ///
  /// Items before `previous` must be raised by an item yet to be placed, so to `candidateTop` at least.
  private mutating func fits(
    _ list: Range<Int>, _ sections: Range<Int>, after previous: Placement, candidateTop: Int32
  ) -> Bool {
    let floors = state.floors
    floors.advanced(by: sections.lowerBound).update(repeating: capacity, count: sections.count)
    for place in list {
      let item = Int(state.open[place])
      var offset = state.offsets[item]
      if Placement(offset: offset, item: item) < previous { offset = max(offset, candidateTop) }
      if offset + instance.sizes[item] > capacity { return false }
      work -= 4
      for index in Int(instance.spanStarts[item])..<Int(instance.spanStarts[item + 1]) {
        let span = instance.spans[index]
        work -= Int(span.upper - span.lower)
        for section in Int(span.lower)..<Int(span.upper) {
          floors[section] = min(floors[section], offset)
        }
      }
    }
    var excess: Int32 = 0
    for section in sections {
      excess = max(excess, floors[section] + state.remaining[section] - capacity)
    }
    return excess == 0
  }

  /// The first item of a list in canonical order after `previous` that starts below `top`.
  func firstCandidate(in list: Range<Int>, after previous: Placement, below top: Int32) -> Placement? {
    var first = Placement(offset: top, item: 0)
    let none = first
    for place in list {
      let item = Int(state.open[place])
      let placement = Placement(offset: state.offsets[item], item: item)
      if placement > previous && placement < first { first = placement }
    }
    return first == none ? nil : first
  }
}
