import TensorTypes

/// Breaks the bytes of a file in one to four places, the same way for the same seed.
public struct Mutation {
  private var random: CounterRandom

  public init(seed: UInt64) { random = CounterRandom(seed: seed) }

  private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(bound, 1))) }

  public mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<(1 + below(4)) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return bytes = [UInt8(below(256))] }
    // The beginning, where headers are, more often.
    let place = below(3) == 0 ? below(min(bytes.count, 80)) : below(bytes.count)
    let end = min(bytes.count, place + 1 + below(below(2) == 0 ? 8 : 200))
    switch below(10) {
    case 0: bytes[place] ^= 1 << UInt8(below(8))
    case 1: bytes[place] = UInt8(below(256))
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count + 1))
    case 4: bytes.removeSubrange(place...)
    case 5: bytes.replaceSubrange(place..<min(bytes.count, place + 8), with: extremeBytes())
    case 6: bytes.insert(contentsOf: Array(Self.words[below(Self.words.count)].utf8), at: place)
    default: replaceNumber(&bytes, near: place)
    }
  }

  /// A length or an offset that no file of this size has.
  private mutating func extremeBytes() -> [UInt8] {
    let numbers: [UInt64] = [0, 1, .max, .max >> 1, 1 << 63, 1 << 32, 1 << 31, 100_000_001, UInt64(below(5000))]
    let number = numbers[below(numbers.count)]
    return (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
  }

  /// The next number in digits becomes another one.
  private mutating func replaceNumber(_ bytes: inout [UInt8], near place: Int) {
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) ?? bytes.firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: Array(Self.numbers[below(Self.numbers.count)].utf8))
  }

  private static let numbers: [String] = [
    "0", "1", "-1", "-3", "2", "7", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "4294967296",
    "2147483648", "1099511627776", "1e308", "1e309", "nan", "inf", "-inf", "0.5", "1000000007", "",
  ]

  private static let words: [String] = [
    "\n", "\r\n", ",", "\"", "{", "}", "[", "]", "[[[[[[[[", ":", "\\", "null", "true", "\u{0}", "é", "\u{FEFF}", "%0",
    "f32",
    "i32[2]", "id", "-", "=", " ", "yield", "return", "repeat", "\"\"",
  ]
}
