/// The different words of a text in bytes, each with how often it is there: a word is what stands between white space, with
/// the one space before it; every other byte of white space is a word of its own. Words one after another are the text.
struct WordCounts {
  private let bytes: [UInt8]
  private var counter = TokenCounter()

  var words: [Range<Int>] { counter.ranges }
  var counts: [Int] { counter.counts }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var byteCount: Int { bytes.count }

  func word(_ number: Int) -> ArraySlice<UInt8> { bytes[words[number]] }

  /// Goes through parts of the text, over whose ends no word reaches, and tells the part and the number of each word in turn.
  mutating func read(_ parts: [Range<Int>], _ observe: (_ part: Int, _ word: Int) -> Void = { _, _ in }) {
    var counter = self.counter
    bytes.withUnsafeBufferPointer { text in
      for (part, range) in parts.enumerated() {
        var start = range.lowerBound
        while start < range.upperBound {
          let end = Self.end(of: text, from: start, to: range.upperBound)
          observe(part, Int(counter.add(start..<end, of: text)))
          start = end
        }
      }
    }
    self.counter = counter
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func end(of bytes: UnsafeBufferPointer<UInt8>, from start: Int, to limit: Int) -> Int {
    var end = start + 1
    if isSpace(bytes[start]) {
      guard bytes[start] == 32, end < limit, !isSpace(bytes[end]) else { return end }
    }
    while end < limit, !isSpace(bytes[end]) { end += 1 }
    return end
  }
}
