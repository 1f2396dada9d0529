import GraphIR
import Operators

/// Binomial checkpointing (Griewank and Walther 2000, Algorithm 799, `revolve`).
enum Revolve {
  /// How many steps to advance from the start of a chain before keeping the next state.
  ///
  /// Exact by dynamic programming: `cost(l, 1) = l (l - 1) / 2` and
  /// `cost(l, c) = min over j of j + cost(l - j, c - 1) + cost(j, c)`; the smallest best `j` is taken.
  struct Table {
    private var costs: [[Int]] = []
    private var splits: [[Int]] = []

    init(length: Int, slots: Int) {
      costs = [(0...length).map { $0 * ($0 - 1) / 2 }]
      splits = [(0...length).map { max($0 - 1, 1) }]
      for slot in stride(from: 1, to: slots, by: 1) {
        var cost = Array(repeating: 0, count: length + 1)
        var split = Array(repeating: 1, count: length + 1)
        for chain in stride(from: 2, through: length, by: 1) {
          cost[chain] = .max
          for step in 1..<chain {
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

/// Loops that keep so many carries, at optimal places, and compute the rest again.
extension Differentiator {
  func forwardSnapshots(
    _ identifier: Graph.OperationID, _ loop: Repeat, _ initial: [Graph.Value], _ slots: Int
  ) {
    let table = Revolve.Table(length: loop.count, slots: max(slots, 1))
    var snapshots = [LoopRecord.Snapshot(step: 0, carries: initial)]
    var (step, carries, left) = (0, initial, max(slots, 1))
    while left > 1, loop.count - step > 1 {
      let advance = table.split(length: loop.count - step, slots: left)
      carries = plainLoop(loop, count: advance, firstStep: step, from: carries)
      step += advance
      left -= 1
      snapshots.append(LoopRecord.Snapshot(step: step, carries: carries))
    }
    records[identifier] = .snapshots(snapshots)
    setResults(of: identifier, plainLoop(loop, count: loop.count - step, firstStep: step, from: carries))
  }

  func backwardSnapshots(
    _ loop: Repeat, _ snapshots: [LoopRecord.Snapshot], _ state: inout LoopCotangents
  ) {
    let slots = max(GradientMode(loop.operation.attributes).parameter, 1)
    let table = Revolve.Table(length: loop.count, slots: slots)
    var end = loop.count
    for (index, snapshot) in snapshots.enumerated().reversed() {
      reverse(loop, table, snapshot, length: end - snapshot.step, slots: slots - index, &state)
      end = snapshot.step
    }
  }

  /// Goes backward through a chain from its start, advancing to kept states; the depth of recursion is at most the
  /// chain's length.
  private func reverse(
    _ loop: Repeat, _ table: Revolve.Table, _ start: LoopRecord.Snapshot, length: Int, slots: Int,
    _ state: inout LoopCotangents
  ) {
    guard length > 1 else {
      let first = isStepUsed(loop) ? build.constant(Double(start.step), .init(.int32, .scalar)) : nil
      return backwardSegment(loop, 1, start.carries, &state, firstStep: first)
    }
    let advance = table.split(length: length, slots: slots)
    let anchored = start.carries.map { anchor($0, state.values[0]) }
    build.annotation.role = .recompute
    let carries = recompute { plainLoop(loop, count: advance, firstStep: start.step, from: anchored) }
    let middle = LoopRecord.Snapshot(step: start.step + advance, carries: carries)
    reverse(loop, table, middle, length: length - advance, slots: max(slots - 1, 1), &state)
    reverse(loop, table, start, length: advance, slots: slots, &state)
  }
}
