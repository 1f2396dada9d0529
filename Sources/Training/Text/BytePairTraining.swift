/// Finds byte pairs (Gage 1994; Sennrich et al. 2016): the most frequent pair of neighbours becomes a token, again and again.
/// Of pairs that are equally frequent the one with the smaller numbers comes first, so that a text has one vocabulary.
///
/// Each pair knows its places, so that a merge looks at these alone, however long words are (Larsson and Moffat 2000).
struct BytePairTraining {
  typealias Pair = BytePairVocabulary.Pair

  /// The two tokens of which each new one is made, from token 256 on.
  private(set) var merges: [Pair] = []
  private var chain: TokenChain
  /// The word of each place.
  private var words: [Int32] = []
  /// Of each word.
  private let counts: [Int]
  private var pairs: [Pair: Uses] = [:]
  private var queue = PriorityQueue<Candidate>()

  private struct Uses {
    var count = 0
    /// Where it is, or was once, in their order: a pair begins to be there only while the later of its tokens is made.
    var places: [UInt32] = []

    mutating func add(_ place: Int, count: Int) {
      self.count += count
      places.append(UInt32(place))
    }
  }

  init(_ text: WordCounts) {
    counts = text.counts
    chain = TokenChain(text.words.indices.lazy.map(text.word), lengths: Array(repeating: 1, count: 256))
    for (number, range) in text.words.enumerated() {
      words += repeatElement(Int32(number), count: range.count + 1)
    }
    for place in chain.places { _ = add(at: place) }
    for (pair, uses) in pairs { queue.push(Candidate(count: uses.count, pair: pair)) }
  }

  /// Counts the pair that begins at a place, if one does.
  private mutating func add(at place: Int) -> Pair? {
    guard let pair = chain.pair(at: place) else { return nil }
    pairs[pair, default: Uses()].add(place, count: counts[Int(words[place])])
    return pair
  }

  private mutating func remove(at place: Int) {
    if let pair = chain.pair(at: place) { pairs[pair]?.count -= counts[Int(words[place])] }
  }

  /// Adds tokens up to a number, as long as a pair is there twice.
  ///
  /// - Parameter observe: told how many there are; returns whether to go on.
  mutating func run(until count: Int, _ observe: (Int) -> Bool) {
    while 256 + merges.count < count, observe(256 + merges.count), let candidate = queue.pop() {
      let pair = candidate.pair
      guard let present = pairs[pair]?.count, present > 0 else { continue }
      // What was counted when the entry was made may be less by now.
      if present != candidate.count {
        if present < candidate.count { queue.push(Candidate(count: present, pair: pair)) }
        continue
      }
      if present < 2 { return }
      // A text of one sign alone would have tokens as long as itself.
      let length = chain.lengths[Int(pair.first)] + chain.lengths[Int(pair.second)]
      if length <= BytePairVocabulary.mostBytes { merge(pair, length) }
    }
  }

  private mutating func merge(_ pair: Pair, _ length: Int) {
    let token = Int32(256 + merges.count)
    merges.append(pair)
    chain.lengths.append(length)
    var changed: Set<Pair> = []
    // In their order: of three in a row the first two become one.
    for place in pairs.removeValue(forKey: pair)?.places ?? [] where chain.holds(pair, at: Int(place)) {
      join(at: Int(place), into: token, &changed)
    }
    for pair in changed {
      if let count = pairs[pair]?.count, count > 0 { queue.push(Candidate(count: count, pair: pair)) }
    }
  }

  private mutating func join(at place: Int, into token: Int32, _ changed: inout Set<Pair>) {
    let before = chain.previous(place)
    remove(at: before)
    remove(at: chain.next(place))
    chain.join(at: place, into: token)
    if let pair = add(at: before) { changed.insert(pair) }
    if let pair = add(at: place) { changed.insert(pair) }
  }
}

/// A pair with how often it was there; the most frequent one is the least of all, of equals the one with smaller numbers.
private struct Candidate: Comparable {
  var count: Int
  var pair: BytePairVocabulary.Pair

  static func < (a: Self, b: Self) -> Bool {
    a.count != b.count ? a.count > b.count : (a.pair.first, a.pair.second) < (b.pair.first, b.pair.second)
  }
}
