import GraphIR

/// Values that share memory, merged step by step.
///
/// Two classes merge only if no two of their values are alive at once, except where one ends and the other starts at
/// the same position and that junction is allowed: an operation that works in place, a carry that enters or leaves a loop.
struct StorageTable {
  private(set) var classes: [StorageClass] = []
  private var parents: [Int] = []
  private var classOfValue: [Stored: Int] = [:]
  private var junctions: Set<Junction> = []

  /// What lives together in one place.
  struct StorageClass {
    var byteCount: Int
    var name: BufferName
    var home: StorageHome
    var role: Graph.Role
    /// Sorted by start; closed at both ends.
    var intervals: [Interval]

    /// Whether everything happens inside one iteration of the loop at these positions.
    func fits(_ loop: ClosedRange<Int>) -> Bool {
      intervals.allSatisfy { $0.start > loop.lowerBound && $0.end <= loop.upperBound }
    }
  }

  struct Interval {
    var start: Int
    var end: Int
    /// Nil for what only one launch, or the loop itself, uses.
    var stored: Stored?
  }

  struct Junction: Hashable {
    var position: Int
    var ending: Stored
    var starting: Stored
  }

  mutating func add(_ stored: Stored, _ storage: StorageClass) {
    classOfValue[stored] = classes.count
    parents.append(classes.count)
    classes.append(storage)
  }

  /// Storage that belongs to no value; it never merges.
  mutating func addAnonymous(_ storage: StorageClass) -> Int {
    parents.append(classes.count)
    classes.append(storage)
    return classes.count - 1
  }

  mutating func allow(_ junction: Junction) { junctions.insert(junction) }

  func identifier(of stored: Stored) -> Int? {
    classOfValue[stored].map(find)
  }

  subscript(identifier: Int) -> StorageClass {
    get { classes[identifier] }
    set { classes[identifier] = newValue }
  }

  var roots: [Int] { classes.indices.filter { parents[$0] == $0 } }

  private func find(_ index: Int) -> Int {
    var current = index
    while parents[current] != current { current = parents[current] }
    return current
  }

  /// Puts two values in one place, if they may be.
  @discardableResult mutating func merge(_ a: Stored, _ b: Stored) -> Bool {
    guard let first = identifier(of: a), let second = identifier(of: b) else { return false }
    if first == second { return true }
    guard classes[first].byteCount == classes[second].byteCount,
      let home = classes[first].home.merged(with: classes[second].home)
    else { return false }
    if let loop = home.iteration, !classes[first].fits(loop) || !classes[second].fits(loop) { return false }
    let isFirstLarger = classes[first].intervals.count >= classes[second].intervals.count
    let (large, small) = isFirstLarger ? (first, second) : (second, first)
    guard classes[small].intervals.allSatisfy({ fits($0, into: large) }) else { return false }
    for interval in classes[small].intervals { insert(interval, into: large) }
    classes[small].intervals = []
    parents[small] = large
    classes[large].home = home
    return true
  }

  private func fits(_ interval: Interval, into identifier: Int) -> Bool {
    let intervals = classes[identifier].intervals
    var index = firstIndex(intervals, notEndingBefore: interval.start)
    while index < intervals.count, intervals[index].start <= interval.end {
      if !isJunction(interval, intervals[index]) && !isJunction(intervals[index], interval) { return false }
      index += 1
    }
    return true
  }

  /// Starts and ends are both sorted, since intervals of a class touch at most at their ends.
  private func firstIndex(_ intervals: [Interval], notEndingBefore start: Int) -> Int {
    var (low, high) = (0, intervals.count)
    while low < high {
      let middle = (low + high) / 2
      if intervals[middle].end < start { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func isJunction(_ ending: Interval, _ starting: Interval) -> Bool {
    guard ending.end == starting.start, let last = ending.stored, let first = starting.stored else { return false }
    return junctions.contains(Junction(position: ending.end, ending: last, starting: first))
  }

  private mutating func insert(_ interval: Interval, into identifier: Int) {
    var position = classes[identifier].intervals.count
    while position > 0, classes[identifier].intervals[position - 1].start > interval.start { position -= 1 }
    classes[identifier].intervals.insert(interval, at: position)
  }
}

/// Where a storage class lives.
enum StorageHome: Hashable {
  case arena
  /// The persistent place of a graph parameter.
  case parameter(Int)
  /// The current iteration's slot of a stack.
  case slot(stack: Graph.Value, loop: Int, positions: ClosedRange<Int>)
  /// The frame of a carry's history that the current iteration computes.
  case frame(CarryHistory.Frame, positions: ClosedRange<Int>)

  /// The loop within one of whose iterations everything here must happen.
  var iteration: ClosedRange<Int>? {
    switch self {
    case .slot(_, _, let positions), .frame(_, let positions): positions
    case .arena, .parameter: nil
    }
  }

  func merged(with other: StorageHome) -> StorageHome? {
    if self == .arena { return other }
    return other == .arena ? self : nil
  }
}
