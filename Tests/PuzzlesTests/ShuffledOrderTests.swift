import Testing

@testable import Puzzles

@Suite struct ShuffledOrderTests {
  @Test(arguments: [1, 2, 3, 4, 5, 16, 17, 81, 1000, 1025])
  func orderIsAPermutation(count: Int) {
    let order = ShuffledOrder(count: count, seed: 9, stream: 2)
    #expect((0..<count).map { order[$0] }.sorted() == Array(0..<count))
  }

  /// Each of the 24 orders of four elements should come up about 50 times in 1200.
  @Test func ordersOfFewElementsVary() {
    let orders = (0..<1200 as Range<UInt64>).map { stream in
      let order = ShuffledOrder(count: 4, seed: 1, stream: stream)
      return (0..<4).map { order[$0] }
    }
    let counts = Dictionary(grouping: orders, by: \.self).mapValues(\.count)
    #expect(counts.count == 24)
    #expect(counts.values.allSatisfy { (20...100).contains($0) })
  }
}
