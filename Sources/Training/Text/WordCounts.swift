/// The different words of a text in bytes, each with how often it is there: a word is what stands between white space, with
/// the one space before it; every other byte of white space is a word of its own. Words one after another are the text.
struct WordCounts {
  private let bytes: [UInt8]
  private var counter = TokenCounter()

  var words: [Range<Int>] { counter.ranges }
  var counts: [Int] { counter.counts }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func word(_ number: Int) -> ArraySlice<UInt8> { bytes[words[number]] }

  /// Goes through the text, and tells the number of each word in turn.
  mutating func read(_ observe: (Int) -> Void = { _ in }) {
    var (counter, start) = (self.counter, 0)
    bytes.withUnsafeBufferPointer { text in
      while start < text.count {
        let end = Self.end(of: bytes, from: start)
        observe(Int(counter.add(start..<end, of: text)))
        start = end
      }
    }
    self.counter = counter
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
}
