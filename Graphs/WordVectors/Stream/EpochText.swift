import Recurve

/// The words that one pass over a text keeps, cut into segments in a random order.
struct EpochText: Sendable {
  let tokens: [Int32]
  /// The line of each token.
  let lines: [Int32]
  /// First positions of the segments.
  let segments: [Int]

  init(_ corpus: Corpus, keptShares: [Double], segmentLength: Int, seed: UInt64, epoch: Int) {
    var random = CounterRandom(seed: seed, stream: 0x5EB5_0000_0000 + UInt64(epoch))
    let limits = keptShares.map { $0 >= 1 ? UInt64.max : UInt64($0 * 0x1p64) }
    var (kept, lines) = ([Int32](), [Int32]())
    kept.reserveCapacity(corpus.tokens.count)
    lines.reserveCapacity(corpus.tokens.count)
    for (line, (start, end)) in zip(corpus.lineStarts, corpus.lineStarts.dropFirst()).enumerated() {
      for token in corpus.tokens[start..<end] where random.next() <= limits[Int(token)] {
        kept.append(token)
        lines.append(Int32(line))
      }
    }
    tokens = kept
    self.lines = lines
    segments = random.shuffled(stride(from: 0, to: kept.count, by: segmentLength))
  }

  /// How many words before a position belong to its window: as many as the window is wide, up to the start of its line.
  func reachBack(of position: Int, window: Int) -> Int {
    var reach = 0
    while reach < window, position - reach > 0, lines[position - reach - 1] == lines[position] { reach += 1 }
    return reach
  }

  /// The same for words after it.
  func reachAhead(of position: Int, window: Int) -> Int {
    var reach = 0
    while reach < window, position + reach + 1 < tokens.count, lines[position + reach + 1] == lines[position] {
      reach += 1
    }
    return reach
  }
}
