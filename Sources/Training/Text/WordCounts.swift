import TensorTypes

/// The different words of a text in bytes, each with how often it is there: a word is what stands between white space, with
/// the one space before it; every other byte of white space is a word of its own. Words one after another are the text.
struct WordCounts {
  private(set) var words: [Range<Int>] = []
  private(set) var counts: [Int] = []
  private let bytes: [UInt8]
  /// Positions of words by hash, open addressing; -1 where there is none.
  private var table: [Int32]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    table = Array(repeating: -1, count: 1 << 12)
  }

  func word(_ number: Int) -> ArraySlice<UInt8> { bytes[words[number]] }

  /// Goes through the text, and tells the number of each word in turn.
  mutating func read(_ observe: (Int) -> Void = { _ in }) {
    var start = 0
    while start < bytes.count {
      let end = Self.end(of: bytes, from: start)
      observe(add(start..<end))
      start = end
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func end(of bytes: [UInt8], from start: Int) -> Int {
    var end = start + 1
    if isSpace(bytes[start]) {
      guard bytes[start] == 32, end < bytes.count, !isSpace(bytes[end]) else { return end }
    }
    while end < bytes.count, !isSpace(bytes[end]) { end += 1 }
    return end
  }

  private mutating func add(_ range: Range<Int>) -> Int {
    let place = place(of: range)
    if table[place] >= 0 {
      counts[Int(table[place])] += 1
      return Int(table[place])
    }
    table[place] = Int32(words.count)
    words.append(range)
    counts.append(1)
    if words.count * 2 > table.count { grow() }
    return words.count - 1
  }

  /// Where a word is in the table, or would be.
  private func place(of range: Range<Int>) -> Int {
    let mask = table.count - 1
    var place = Int(truncatingIfNeeded: ByteHash.of(bytes[range])) & mask
    while table[place] >= 0, !isEqual(words[Int(table[place])], range) { place = (place + 1) & mask }
    return place
  }

  private func isEqual(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { bytes[$0] == bytes[$1] }
  }

  private mutating func grow() {
    table = Array(repeating: -1, count: table.count * 4)
    for (number, range) in words.enumerated() { table[place(of: range)] = Int32(number) }
  }
}
