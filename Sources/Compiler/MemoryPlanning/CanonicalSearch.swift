/// Depth-first search for offsets that fit a capacity.
///
/// Ideas of Moffitt, "MiniMalloc: A Lightweight Memory Allocator for Hardware-Accelerated Machine
/// Learning", ASPLOS 2023. A solution can always be pushed down until every item rests on another or on
/// the ground, so it is enough to place items in order of offset, ties in the static order, each at its
/// least feasible offset. The first solution in that order also never leaves a hole that some item fits.
/// Every branch cut here holds no solution, or only later ones.
struct CanonicalSearch: ~Copyable {
  enum Outcome {
    case found
    /// No offsets fit the capacity.
    case infeasible
    case exhausted
  }

  let instance: SearchInstance
  let capacity: Int32

  /// Work left, in touched items and sections.
  var work: Int

  var state: SearchState

  init(_ instance: SearchInstance, capacity: Int32, work: Int) {
    self.instance = instance
    self.capacity = capacity
    self.work = work
    state = SearchState(instance)
  }

  /// Tries to place all items; `state.offsets` holds the result when found.
  mutating func run() -> Outcome {
    explore(state.pushAll(instance), after: Placement(offset: -1, item: 0))
  }

  /// Places the items of a list, the first of them canonically after `previous`.
  private mutating func explore(_ list: Range<Int>, after previous: Placement) -> Outcome {
    if work < 0 { return .exhausted }
    guard let top = leastTop(of: list, after: previous) else { return .infeasible }
    var tried = previous
    while let next = firstCandidate(in: list, after: tried, below: top) {
      let mark = state.mark
      let effect = state.place(next.item, from: list, instance)
      let outcome =
        effect.isCut
        ? exploreParts(of: effect.rest, after: next)
        : effect.rest.isEmpty ? .found : explore(effect.rest, after: next)
      guard outcome == .infeasible else { return outcome }
      state.undo(to: mark, instance)
      // Nothing can lie above it, so it is not what makes the others fail.
      if !effect.isCovered { return .infeasible }
      tried = next
    }
    return .infeasible
  }

  /// Solves the parts of a list one by one; no item is live in two of them.
  private mutating func exploreParts(of list: Range<Int>, after previous: Placement) -> Outcome {
    var others = list
    while !others.isEmpty {
      let part: Range<Int>
      (part, others) = state.split(others, instance)
      let outcome = explore(part, after: previous)
      guard outcome == .found else { return outcome }
    }
    return .found
  }
}
