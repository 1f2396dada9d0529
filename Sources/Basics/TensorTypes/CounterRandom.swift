/// Random numbers as a function of a counter, equal on every machine and in every Swift version.
///
/// SplitMix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
/// The standard library's `shuffle(using:)` may change between releases, so drawing and shuffling are here too.
public struct CounterRandom: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// An independent sequence for each `stream` of one seed.
  public init(seed: UInt64, stream: UInt64) {
    state = Self.mixed(seed) ^ Self.mixed(stream &+ Self.increment)
  }

  public mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mixed(state)
  }

  /// The golden ratio as a fraction of 2^64, odd, so that the state visits every value.
  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// A bijection of 64-bit numbers in which each input bit changes about half of the output bits.
  public static func mixed(_ value: UInt64) -> UInt64 {
    var result = value
    result = (result ^ (result >> 30)) &* 0xBF58_476D_1CE4_E5B9
    result = (result ^ (result >> 27)) &* 0x94D0_49BB_1331_11EB
    return result ^ (result >> 31)
  }
}

extension CounterRandom {
  /// Uniform in 0 ..< 1.
  public mutating func uniform() -> Double {
    let bits: UInt64 = next()
    return Double(bits >> 11) * 0x1p-53
  }

  /// A number in `0..<bound`; `bound` must be positive.
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "bound must be positive, got \(bound)")
    // The high half of the product is uniform up to a bias of bound / 2^64.
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The elements in a random order (Fisher and Yates).
  public mutating func shuffled<Element>(_ elements: some Sequence<Element>) -> [Element] {
    var result = Array(elements)
    for last in stride(from: result.count - 1, to: 0, by: -1) {
      result.swapAt(last, index(below: last + 1))
    }
    return result
  }
}
