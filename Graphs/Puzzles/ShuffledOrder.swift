import TensorTypes

/// A random permutation of `0..<count` of which any element is found without building the others.
///
/// A Feistel network permutes the next power of four; results outside the range are mapped again until they
/// fall inside (cycle walking: Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002), under four
/// times on average. No order is stored, which makes it cheap to start in the middle.
public struct ShuffledOrder: Sendable {
  let count: Int
  private let keys: [UInt64]
  private let halfBits: UInt64

  public init(count: Int, seed: UInt64, stream: UInt64) {
    precondition(count > 0, "count must be positive, got \(count)")
    self.count = count
    var random = CounterRandom(seed: seed, stream: stream)
    keys = (0..<Self.roundCount).map { _ in random.next() }
    let bitCount = Int.bitWidth - (count - 1).leadingZeroBitCount
    halfBits = UInt64(max(1, (bitCount + 1) / 2))
  }

  public subscript(position: Int) -> Int {
    precondition(position >= 0 && position < count, "position \(position) outside 0..<\(count)")
    var value = UInt64(position)
    repeat {
      value = permuted(value)
    } while value >= UInt64(count)
    return Int(value)
  }

  private func permuted(_ value: UInt64) -> UInt64 {
    let mask = (UInt64(1) << halfBits) - 1
    var left = value >> halfBits
    var right = value & mask
    for key in keys {
      // (left, right) -> (right, left xor f(right)) is a bijection for any f.
      (left, right) = (right, left ^ (CounterRandom.mixed(right ^ key) & mask))
    }
    return left << halfBits | right
  }

  /// Six rounds, because the halves of a small range have only a few bits to mix.
  private static let roundCount = 6
}
