/// Finds byte pairs (Gage 1994; Sennrich et al. 2016): the most frequent pair of neighbours becomes a token, again and again.
/// Of pairs that are equally frequent the one with the smaller numbers comes first, so that a text has one vocabulary.
struct BytePairTraining {
  /// The two tokens of which each new one is made, from token 256 on.
  private(set) var merges: [(Int32, Int32)] = []
  private var words: [[Int32]]
  private let counts: [Int]
  private var pairs: [UInt64: Pair] = [:]
  private var queue = PairQueue()
  /// Bytes of each token.
  private var lengths = Array(repeating: 1, count: 256)

  private struct Pair {
    var count = 0
    /// Words that hold it, or held it once.
    var words: [Int32] = []
  }

  init(_ text: WordCounts) {
    words = text.words.indices.map { text.word($0).map(Int32.init) }
    counts = text.counts
    for (number, word) in words.enumerated() {
      for (a, b) in zip(word, word.dropFirst()) { add(a, b, number) }
    }
    for (key, pair) in pairs { queue.push(pair.count, key) }
  }

  private static func key(_ a: Int32, _ b: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: a)) << 32 | UInt64(UInt32(bitPattern: b))
  }

  private static func tokens(_ key: UInt64) -> (Int32, Int32) {
    (Int32(truncatingIfNeeded: key >> 32), Int32(truncatingIfNeeded: key))
  }

  /// - Parameter isNew: whether the word may not be among the pair's yet.
  private mutating func add(_ a: Int32, _ b: Int32, _ word: Int, isNew: Bool = true) {
    let key = Self.key(a, b)
    pairs[key, default: Pair()].count += counts[word]
    if isNew, pairs[key]?.words.last != Int32(word) { pairs[key]?.words.append(Int32(word)) }
  }

  /// Adds tokens up to a number, as long as a pair is there twice.
  ///
  /// - Parameter observe: told how many there are; returns whether to go on.
  mutating func run(until count: Int, _ observe: (Int) -> Bool) {
    while 256 + merges.count < count, observe(256 + merges.count), let (frequency, key) = queue.pop() {
      guard let pair = pairs[key], pair.count > 0 else { continue }
      // What was counted when the entry was made may be less by now.
      if pair.count != frequency {
        if pair.count < frequency { queue.push(pair.count, key) }
        continue
      }
      if frequency < 2 { return }
      let (a, b) = Self.tokens(key)
      // A text of one sign alone would have tokens as long as itself.
      if lengths[Int(a)] + lengths[Int(b)] <= BytePairVocabulary.mostBytes { merge(key, pair) }
    }
  }

  private mutating func merge(_ key: UInt64, _ pair: Pair) {
    let (a, b) = Self.tokens(key)
    let token = Int32(256 + merges.count)
    merges.append((a, b))
    lengths.append(lengths[Int(a)] + lengths[Int(b)])
    var changed: Set<UInt64> = []
    for number in pair.words { merge(a, b, into: token, inWord: Int(number), &changed) }
    pairs[key] = nil
    for key in changed { if let pair = pairs[key], pair.count > 0 { queue.push(pair.count, key) } }
  }

  private mutating func merge(
    _ a: Int32, _ b: Int32, into token: Int32, inWord number: Int, _ changed: inout Set<UInt64>
  ) {
    let word = words[number]
    guard zip(word, word.dropFirst()).contains(where: { $0 == a && $1 == b }) else { return }
    for (first, second) in zip(word, word.dropFirst()) { pairs[Self.key(first, second)]?.count -= counts[number] }
    let merged = Self.merged(word, a, b, token)
    words[number] = merged
    for (first, second) in zip(merged, merged.dropFirst()) {
      let isNew = first == token || second == token
      add(first, second, number, isNew: isNew)
      if isNew { changed.insert(Self.key(first, second)) }
    }
  }

  /// The word with every such pair, from the left, as one token.
  static func merged(_ word: [Int32], _ a: Int32, _ b: Int32, _ token: Int32) -> [Int32] {
    var merged: [Int32] = []
    var place = 0
    while place < word.count {
      let isPair = place + 1 < word.count && word[place] == a && word[place + 1] == b
      merged.append(isPair ? token : word[place])
      place += isPair ? 2 : 1
    }
    return merged
  }
}

/// Pairs by how often they are there, most often first; of equals the smaller key (a binary heap, Williams 1964).
private struct PairQueue {
  private var entries: [(count: Int, key: UInt64)] = []

  private static func isBefore(_ a: (count: Int, key: UInt64), _ b: (count: Int, key: UInt64)) -> Bool {
    a.count != b.count ? a.count > b.count : a.key < b.key
  }

  mutating func push(_ count: Int, _ key: UInt64) {
    entries.append((count, key))
    var place = entries.count - 1
    while place > 0, Self.isBefore(entries[place], entries[(place - 1) / 2]) {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> (count: Int, key: UInt64)? {
    guard let first = entries.first else { return nil }
    let last = entries.removeLast()
    if !entries.isEmpty {
      entries[0] = last
      sink()
    }
    return first
  }

  private mutating func sink() {
    var place = 0
    while true {
      let children = [2 * place + 1, 2 * place + 2].filter { $0 < entries.count }
      guard let best = children.min(by: { Self.isBefore(entries[$0], entries[$1]) }),
        Self.isBefore(entries[best], entries[place])
      else { return }
      entries.swapAt(place, best)
      place = best
    }
  }
}
