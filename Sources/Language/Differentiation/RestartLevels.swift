/// How the iterations of a loop are cut into segments, those into shorter ones and so on, so that going backward needs one
/// state per level: the state from which a level starts again for each of its segments.
///
/// A level of n segments runs (n - 1) / 2 of its iterations again, on average, so levels as equal as can be are best:
/// 1,000 iterations on three levels of ten segments run 13.5 times their number, beside 12.2 at best for three states
/// (Griewank and Walther 2000). The levels are as many as asked for, whatever the length, and the program with them.
struct RestartLevels {
  struct Level: Equatable {
    /// Segments at most; the last one may be shorter, or there may be fewer.
    let count: Int
    /// Iterations of a segment.
    let length: Int
  }

  let levels: [Level]

  init(iterations: Int, levels count: Int) {
    var (counts, remaining) = ([Int](), iterations)
    for depth in 0..<count {
      counts.append(Self.root(of: remaining, count - depth))
      remaining = Self.quotient(remaining, counts[depth])
    }
    // Levels that a short loop does not need go first: those behind them are told apart by their lengths.
    let needed = counts.filter { $0 > 1 }
    var levels: [Level] = []
    for segments in Array(repeating: 1, count: count - needed.count) + needed {
      levels.append(Level(count: segments, length: Self.quotient(levels.last?.length ?? iterations, segments)))
    }
    self.levels = levels
  }

  /// Rounded up.
  private static func quotient(_ number: Int, _ divisor: Int) -> Int { (number + divisor - 1) / divisor }

  /// Iterations that are run again without keeping anything but the state.
  func recomputed(iterations: Int, depth: Int = 0) -> Int {
    guard iterations > 0, depth < levels.count else { return 0 }
    let length = levels[depth].length
    return stride(from: 0, to: iterations, by: length).reduce(0) { sum, start in
      sum + start + recomputed(iterations: min(length, iterations - start), depth: depth + 1)
    }
  }

  /// The smallest number whose power is at least the value.
  private static func root(of value: Int, _ degree: Int) -> Int {
    func reaches(_ base: Int) -> Bool {
      var power = 1
      for _ in 0..<degree where power < value { power = power.multipliedReportingOverflow(by: base).partialValue }
      return power >= value
    }
    var (low, high) = (1, value)
    while low < high {
      let middle = (low + high) / 2
      if reaches(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// How the states that may be kept are shared: some at equal distances over the whole loop, the rest by levels inside.
struct RestartPlan: Equatable {
  /// Equal parts whose first states are kept.
  let parts: Int
  /// Levels within a part, the first of which starts from the part's own state.
  let levels: Int

  /// Chosen by the number of states alone, so that the program's size does not depend on the number of iterations: at most
  /// 1.4 times the recomputation of the optimum for up to 20 states and from 33 to 4,000 iterations.
  init(slots: Int) {
    levels = slots <= 4 ? slots : min(slots / 2 + 2, 9)
    parts = slots - levels + 1
  }
}
