/// What the exact search changes while it goes down and restores while it comes back.
///
/// Plain memory instead of arrays: the loops over sections run millions of times.
struct SearchState: ~Copyable {
  struct Mark {
    var trailCount: Int
    var openCount: Int
  }

  /// What placing an item did.
  struct Effect {
    /// The list of the items left.
    var rest: Range<Int>
    /// Whether an item left must lie above the placed one.
    var isCovered: Bool
    /// Whether the items left may fall into parts.
    var isCut: Bool
  }

  private enum Change {
    case placed(Int)
    case raised(Int, from: Int32)
  }

  /// Offsets of placed items, least feasible offsets of the others.
  let offsets: UnsafeMutablePointer<Int32>
  /// Sum of the sizes of the items not yet placed, for every section.
  let remaining: UnsafeMutablePointer<Int32>
  /// Number of the items not yet placed that are live in a section and after it.
  private let crossings: UnsafeMutablePointer<Int32>
  /// Scratch: the least offset at which something can still be placed, for every section.
  let floors: UnsafeMutablePointer<Int32>
  /// Stack of lists of items not yet placed.
  private(set) var open: [Int32] = []
  private var trail: [Change] = []

  init(_ instance: SearchInstance) {
    let sectionCount = instance.sectionTotals.count
    offsets = .allocate(capacity: instance.sizes.count)
    remaining = .allocate(capacity: sectionCount)
    crossings = .allocate(capacity: sectionCount)
    floors = .allocate(capacity: sectionCount)
    offsets.initialize(repeating: 0, count: instance.sizes.count)
    remaining.initialize(repeating: 0, count: sectionCount)
    crossings.initialize(repeating: 0, count: sectionCount)
    floors.initialize(repeating: 0, count: sectionCount)
    for item in instance.sizes.indices { _ = count(item, sign: 1, instance) }
  }

  deinit {
    offsets.deallocate()
    remaining.deallocate()
    crossings.deallocate()
    floors.deallocate()
  }

  var mark: Mark { Mark(trailCount: trail.count, openCount: open.count) }

  /// Lists all items, none of them placed.
  mutating func pushAll(_ instance: SearchInstance) -> Range<Int> {
    open = instance.sizes.indices.map(Int32.init)
    return open.indices
  }

  /// Places an item at its least feasible offset and raises those that must lie above.
  mutating func place(_ item: Int, from list: Range<Int>, _ instance: SearchInstance) -> Effect {
    let end = offsets[item] + instance.sizes[item]
    let hull = instance.hulls[item]
    let start = open.count
    trail.append(.placed(item))
    let trailCount = trail.count
    for place in list {
      let other = Int(open[place])
      if other == item { continue }
      open.append(Int32(other))
      guard instance.hulls[other].overlaps(hull), instance.conflict(item, other) else { continue }
      trail.append(.raised(other, from: offsets[other]))
      offsets[other] = max(offsets[other], end)
    }
    let isCut = count(item, sign: -1, instance)
    return Effect(rest: start..<open.count, isCovered: trail.count > trailCount, isCut: isCut)
  }

  /// Undoes all that was done since the mark.
  mutating func undo(to mark: Mark, _ instance: SearchInstance) {
    open.removeLast(open.count - mark.openCount)
    while trail.count > mark.trailCount {
      switch trail.removeLast() {
      case .placed(let item): _ = count(item, sign: 1, instance)
      case .raised(let item, let offset): offsets[item] = offset
      }
    }
  }

  /// Divides a list at the first section after which none of its items is live on both sides.
  mutating func split(
    _ list: Range<Int>, _ instance: SearchInstance
  ) -> (part: Range<Int>, others: Range<Int>) {
    var end = list.reduce(Int32.max) { min($0, instance.hulls[Int(open[$1])].lower) }
    while crossings[Int(end)] > 0 { end += 1 }
    let start = open.count
    for place in list where instance.hulls[Int(open[place])].lower <= end { open.append(open[place]) }
    let middle = open.count
    for place in list where instance.hulls[Int(open[place])].lower > end { open.append(open[place]) }
    return (start..<middle, middle..<open.count)
  }

  /// Adds an item to the sums over items not yet placed, or takes it away.
  ///
  /// - Returns: whether some section now is crossed by none
  private func count(_ item: Int, sign: Int32, _ instance: SearchInstance) -> Bool {
    let change = sign * instance.sizes[item]
    for index in Int(instance.spanStarts[item])..<Int(instance.spanStarts[item + 1]) {
      let span = instance.spans[index]
      for section in Int(span.lower)..<Int(span.upper) { remaining[section] += change }
    }
    var least = Int32.max
    let hull = instance.hulls[item]
    for section in Int(hull.lower)..<Int(hull.upper - 1) {
      crossings[section] += sign
      least = min(least, crossings[section])
    }
    return least == 0
  }
}
