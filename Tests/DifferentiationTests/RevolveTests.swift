import Testing

@testable import Differentiation

/// The table of `revolve` against its definition.
@Suite struct RevolveTests {
  @Test func costsAreThoseOfTheDefinition() {
    let (length, slots) = (70, 9)
    let table = Revolve.Table(length: length, slots: slots)
    var costs = [(0...length).map { $0 * ($0 - 1) / 2 }]
    for slot in 1..<slots {
      var cost = Array(repeating: 0, count: length + 1)
      for chain in 2...length {
        let candidates = (1..<chain).map { $0 + costs[slot - 1][chain - $0] + cost[$0] }
        cost[chain] = candidates.min() ?? 0
        let first = candidates.firstIndex(of: cost[chain]).map { $0 + 1 }
        #expect(table.split(length: chain, slots: slot + 1) == first, "length \(chain), \(slot + 1) slots")
      }
      costs.append(cost)
    }
    for slot in 0..<slots {
      #expect((0...length).map { table.cost(length: $0, slots: slot + 1) } == costs[slot])
    }
  }

  @Test func moreSlotsThanIterationsChangeNothing() {
    let (enough, many) = (Revolve.Table(length: 12, slots: 12), Revolve.Table(length: 12, slots: 1_000_000))
    for length in 1...12 {
      #expect(enough.cost(length: length, slots: 12) == many.cost(length: length, slots: 1_000_000))
    }
  }
}
