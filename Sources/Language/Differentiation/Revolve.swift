import GraphIR
import Operators

/// Binomial checkpointing (Griewank and Walther 2000, Algorithm 799, `revolve`).
enum Revolve {
  /// The most iterations that are written out, each with a checkpoint of its own; more are loops that start again.
  static let mostWrittenOut: Int = 32

  /// How many steps to advance from the start of a chain before keeping the next state.
  ///
  /// Exact by dynamic programming: `cost(l, 1) = l (l - 1) / 2` and
  /// `cost(l, c) = min over j of j + cost(l - j, c - 1) + cost(j, c)`; the smallest best `j` is taken. Both costs grow ever
  /// faster with the length, so the best `j` of a longer chain is that of the chain before or one more.
  struct Table {
    private var costs: [[Int]] = []
    private var splits: [[Int]] = []

    init(length: Int, slots: Int) {
      costs = [(0...length).map { $0 * ($0 - 1) / 2 }]
      splits = [(0...length).map { max($0 - 1, 1) }]
      // More slots than iterations change nothing.
      for slot in stride(from: 1, to: min(slots, length), by: 1) {
        var cost = Array(repeating: 0, count: length + 1)
        var split = Array(repeating: 1, count: length + 1)
        for chain in stride(from: 2, through: length, by: 1) {
          cost[chain] = .max
          for step in split[chain - 1]...min(split[chain - 1] + 1, chain - 1) {
            let candidate = step + costs[slot - 1][chain - step] + cost[step]
            if candidate < cost[chain] { (cost[chain], split[chain]) = (candidate, step) }
          }
        }
        costs.append(cost)
        splits.append(split)
      }
    }

    /// Steps run again without keeping residuals, for a chain of the given length.
    func cost(length: Int, slots: Int) -> Int { costs[min(slots, costs.count) - 1][length] }
    func split(length: Int, slots: Int) -> Int { splits[min(slots, splits.count) - 1][length] }
  }
}

extension GraphRewriter {
  /// Nested checkpoints that keep as many states at a time as there are slots.
  mutating func revolved(
    _ loop: Repeat, _ steps: Range<Int>, slots: Int, _ table: Revolve.Table, from carries: [Graph.Value],
    to region: Graph.RegionID
  ) -> [Graph.Value] {
    if steps.count == 1 {
      return checkpoint(loop, to: region) { $0.part(loop, steps, from: carries, to: $1, resolveExactMode) }
    }
    let split = steps.lowerBound + table.split(length: steps.count, slots: slots)
    let first = checkpoint(loop, to: region) {
      $0.revolved(loop, steps.lowerBound..<split, slots: slots, table, from: carries, to: $1)
    }
    let rest = revolved(
      loop, split..<steps.upperBound, slots: max(slots - 1, 1), table,
      from: Array(first.prefix(loop.carryCount)), to: region)
    return joined(loop, [first, rest], to: region)
  }
}
