import Recurve
import Testing

@testable import recurve_benchmark

/// The GPT's losses are those of PyTorch in double precision on the same numbers.
@Suite struct WorkloadThreeTests {
  /// After 0, 1 and 2 updates.
  static let expected = [3.1203036649279, 3.3463238784283025, 3.1298107104355184]

  @Test func firstLossesEqualThePeers() throws {
    let losses = try WorkloadThree.parse(["--threads", "2"]).measurement().losses(3)
    for (found, loss) in zip(losses, Self.expected) { #expect(abs(found - loss) <= 1e-4) }
  }

  @Test func sumsAreWrittenAsTokens() {
    let tensors = GPTNumbers(GPTStep.sizes, batch: GPTStep.batch).generated()
    let (x, y) = (tensors["in.x"]?.integers ?? [], tensors["in.y"]?.integers ?? [])
    #expect(x.count == 64 * 64 && y.count == x.count)
    #expect(Array(x[1..<64]) == Array(y[0..<63]), "labels are the inputs one further")
    let number = { (digits: ArraySlice<Int32>) in digits.reduce(0) { $0 * 10 + $1 } }
    #expect(x[3] == 10 && x[7] == 11 && x[12] == 12)
    #expect(number(x[0..<3]) + number(x[4..<7]) == number(x[8..<12]))
  }
}
