import TensorTypes
import Testing

@Suite struct CounterRandomTests {
  /// Reference: https://prng.di.unimi.it/splitmix64.c with the state 1234567.
  @Test func publishedSequence() {
    var random = CounterRandom(seed: 1_234_567)
    let numbers = (0..<3).map { _ in random.next() }
    #expect(numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  @Test func streamsDiffer() {
    let first = (0..<100 as Range<UInt64>).map { stream in
      var random = CounterRandom(seed: 5, stream: stream)
      return random.next()
    }
    #expect(Set(first).count == 100)
  }

  @Test func drawsCoverTheRange() {
    var random = CounterRandom(seed: 3)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<6000 { counts[random.index(below: 6)] += 1 }
    #expect(counts.allSatisfy { (850...1150).contains($0) })
  }

  @Test func shufflesKeepElements() {
    var random = CounterRandom(seed: 3)
    let shuffled = random.shuffled(0..<50)
    #expect(shuffled != Array(0..<50))
    #expect(shuffled.sorted() == Array(0..<50))
  }
}
