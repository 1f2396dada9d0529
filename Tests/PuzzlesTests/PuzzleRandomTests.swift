import Testing

@testable import Puzzles

@Suite struct PuzzleRandomTests {
  /// Reference: https://prng.di.unimi.it/splitmix64.c with the state 1234567.
  @Test func publishedSequence() {
    var random = PuzzleRandom(seed: 1_234_567)
    let numbers = (0..<3).map { _ in random.next() }
    #expect(numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  @Test func streamsDiffer() {
    let first = (0..<100 as Range<UInt64>).map { stream in
      var random = PuzzleRandom(seed: 5, stream: stream)
      return random.next()
    }
    #expect(Set(first).count == 100)
  }

  @Test func drawsCoverTheRange() {
    var random = PuzzleRandom(seed: 3)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<6000 { counts[random.index(below: 6)] += 1 }
    #expect(counts.allSatisfy { (850...1150).contains($0) })
  }

  @Test func shufflesKeepElements() {
    var random = PuzzleRandom(seed: 3)
    let shuffled = random.shuffled(0..<50)
    #expect(shuffled != Array(0..<50))
    #expect(shuffled.sorted() == Array(0..<50))
  }

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
