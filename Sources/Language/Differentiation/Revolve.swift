import GraphIR
import Operators
import TensorTypes

/// Where binomial checkpointing keeps its next state (Griewank and Walther 2000, Algorithm 799, `revolve`), computed in the
/// graph, so that the program is as large as it is for any number of iterations and of slots.
enum Revolve {
  private static let number: TensorType = TensorType(.float64, .scalar)

  /// How far to go from the start of a chain before keeping the next state; 0 where none is to be kept.
  ///
  /// C(s + r, s) iterations can be reversed with s states by running none more than r times. With the smallest r that is
  /// enough, as many iterations as s - 1 states can reverse in r runs come behind the next state, or fewer where those
  /// before it would be too few.
  ///
  /// - Parameters:
  ///   - length: iterations of the chain, i32[], at most the longest.
  ///   - slots: states that may be kept, that of the chain's start being one: i32[].
  static func step(_ build: GraphBuilder, _ length: Graph.Value, slots: Graph.Value, longest: Int) -> Graph.Value {
    func constant(_ value: Double) -> Graph.Value { build.constant(value, number) }
    let one = constant(1)
    let l = build.convert(length, to: .float64)
    // One slot keeps the start alone: what is computed for it is not taken.
    let s = build.emit1(.maximum, build.convert(slots, to: .float64), constant(2))
    let (r, most) = repetitions(build, l, s, longest)
    let behind = rounded(build, build.divide(build.multiply(most, s), build.add(s, r)))
    let above = build.multiply(build.add(s, r), build.subtract(build.add(s, r), one))
    let before = rounded(
      build, build.divide(build.multiply(most, build.multiply(r, build.subtract(r, one))), above))
    let step = build.emit1(.maximum, build.emit1(.maximum, build.subtract(l, behind), before), one)
    let two = build.constant(2, like: length)
    let isDone = build.emit1(.or, build.emit1(.less, length, two), build.emit1(.less, slots, two))
    return build.select(isDone, build.constant(0, like: length), build.convert(step, to: .int32))
  }

  /// The smallest r with C(s + r, s) at least the length, and that number.
  private static func repetitions(
    _ build: GraphBuilder, _ length: Graph.Value, _ slots: Graph.Value, _ longest: Int
  ) -> (r: Graph.Value, most: Graph.Value) {
    let shape = Shape([mostRepetitions(of: longest) + 1])
    func all(_ value: Graph.Value) -> Graph.Value { build.broadcast(value, to: shape, axes: []) }
    let r = build.convert(build.iota(TensorType(.int32, shape), axis: 0), to: .float64)
    let one = build.constant(1, like: r)
    let ratio = build.divide(build.add(all(slots), r), build.emit1(.maximum, r, one))
    let factors = build.select(build.emit1(.less, r, one), one, ratio)
    let products: Attributes = ["axis": .integer(0), "reversed": .flag(false), "exclusive": .flag(false)]
    let most = rounded(build, build.emit(.cumulativeProduct, [factors], products)[0])
    let isLess = build.emit1(.less, most, all(length))
    let smallest = build.largest(build.select(isLess, build.constant(-.infinity, like: r), build.negate(most)), [0])
    return (build.sum(build.convert(isLess, to: .float64), [0]), build.negate(smallest))
  }

  // MARK: Before a run

  /// Iterations that all of going backward runs again, for nothing but the state.
  ///
  /// Follows the loops from kept state to kept state. Beyond 100,000 iterations it is what is optimal for so many states (Griewank
  /// and Walther 2000, without the way there, which is the forward loop), which is not exceeded.
  static func repeats(_ count: Int, slots: Int) -> Int {
    if count > 100_000 {
      let r = fewestRepetitions(count, slots)
      return Int(Double(r) * Double(count) - choose(slots + r, slots + 1)) - (count - 1)
    }
    var (kept, last, total) = ([Int](), 0, 0)
    /// Keeps what is due on the way to an iteration, and the state before its last.
    func go(from start: Int, to end: Int, over chain: Int, next first: Int?) {
      var next = first
      while let place = next, place < end {
        kept.append(place)
        let step = step(chain - place, slots - kept.count + 1)
        next = step == 0 ? nil : place + step
      }
      var (place, index) = (end - 1, kept.count - 1)
      while index >= 0, kept[index] == place { (place, index) = (place - 1, index - 1) }
      if place >= start { last = place }
    }
    go(from: 0, to: count, over: count, next: 0)
    for end in stride(from: count - 1, through: 0, by: -1) {
      let top = kept[kept.count - 1]
      let isLast = last <= end && last > top
      let start = isLast ? last : top
      total += end - start
      let step = step(end + 1 - top, slots - kept.count + 1)
      let next = isLast ? (kept.count < slots ? last : nil) : step == 0 ? nil : top + step
      go(from: start, to: end, over: end + 1, next: next)
      if kept[kept.count - 1] == end { kept.removeLast() }
    }
    return total
  }

  /// As the graph computes it.
  private static func step(_ length: Int, _ slots: Int) -> Int {
    if length < 2 || slots < 2 { return 0 }
    let r = fewestRepetitions(length, slots)
    let behind = choose(slots - 1 + r, slots - 1), before = r < 2 ? 0 : choose(slots + r - 2, slots)
    return max(length - Int(behind), Int(before), 1)
  }

  private static func fewestRepetitions(_ length: Int, _ slots: Int) -> Int {
    var r = slots == 1 ? max(length - 1, 0) : 0
    while choose(slots + r, slots) < Double(length) { r += 1 }
    return r
  }

  /// Exact as far as such lengths need it.
  private static func choose(_ n: Int, _ k: Int) -> Double {
    (0..<max(min(k, n - k), 0)).reduce(1) { (product, index) in
      (product * Double(n - index) / Double(index + 1)).rounded()
    }
  }

  /// Of two slots: more need fewer.
  static func mostRepetitions(of longest: Int) -> Int {
    var r = 0
    while (r + 1) * (r + 2) / 2 < longest { r += 1 }
    return r
  }

  private static func rounded(_ build: GraphBuilder, _ value: Graph.Value) -> Graph.Value {
    build.emit1(.floor, build.add(value, build.constant(0.5, like: value)))
  }
}
