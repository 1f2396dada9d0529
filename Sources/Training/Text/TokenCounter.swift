import TensorTypes

/// The distinct tokens of a text as numbers, in order of their first appearance, with how often each was seen.
///
/// An open hash table over the text's own bytes (linear probing; Knuth, TAOCP volume 3, 6.4): no token is copied.
public struct TokenCounter: Sendable {
  /// Where each token was seen first, in bytes.
  public private(set) var ranges: [Range<Int>] = []
  public private(set) var counts: [Int] = []
  private var places: [Int32]

  public init() { places = Array(repeating: -1, count: 1 << 12) }

  /// The number of the token that these bytes of the text are, from 0; counts it. The text is the same in every call.
  public mutating func add(_ range: Range<Int>, of text: UnsafeBufferPointer<UInt8>) -> Int32 {
    if 2 * ranges.count >= places.count { grow(text) }
    let place = self.place(of: range, text)
    let known = places[place]
    if known >= 0 {
      counts[Int(known)] += 1
      return known
    }
    let number = Int32(ranges.count)
    places[place] = number
    ranges.append(range)
    counts.append(1)
    return number
  }

  /// Where the token is, or where it belongs.
  private func place(of range: Range<Int>, _ text: UnsafeBufferPointer<UInt8>) -> Int {
    let mask = places.count - 1
    var place = Int(truncatingIfNeeded: Self.hash(range, text)) & mask
    while places[place] >= 0, !Self.areEqual(ranges[Int(places[place])], range, text) { place = (place + 1) & mask }
    return place
  }

  private mutating func grow(_ text: UnsafeBufferPointer<UInt8>) {
    places = Array(repeating: -1, count: 2 * places.count)
    for (number, range) in ranges.enumerated() { places[place(of: range, text)] = Int32(number) }
  }

  /// The high bits folded into the low ones that the table uses.
  private static func hash(_ range: Range<Int>, _ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let hash = ByteHash.of(text[range])
    return hash ^ (hash >> 32)
  }

  private static func areEqual(_ a: Range<Int>, _ b: Range<Int>, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    for offset in 0..<a.count where text[a.lowerBound + offset] != text[b.lowerBound + offset] { return false }
    return true
  }
}
