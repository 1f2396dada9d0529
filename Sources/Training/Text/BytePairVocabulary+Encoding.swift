extension BytePairVocabulary {
  public func encode(_ text: String) -> [Int32] { encode([text])[0] }

  /// The tokens of each of several texts.
  public func encode(_ texts: [String]) -> [[Int32]] { encoded(texts) { true } ?? [] }

  /// The tokens of a text that may be long.
  ///
  /// - Parameter observe: asked now and then; returns whether to go on.
  /// - Returns: nil where it does not.
  public func encode(_ text: String, _ observe: () -> Bool) -> [Int32]? { encoded([text], observe)?[0] }

  private func encoded(_ texts: [String], _ observe: () -> Bool) -> [[Int32]]? {
    var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
    for text in texts {
      let start = bytes.count
      bytes += text.utf8
      ranges.append(start..<bytes.count)
    }
    var (words, order) = (WordCounts(bytes), texts.map { _ in [Int32]() })
    words.read(ranges) { text, word in order[text].append(Int32(word)) }
    // Each word is encoded once.
    var known: [[Int32]] = []
    for number in words.words.indices {
      guard let tokens = encoded(word: words.word(number), observe) else { return nil }
      known.append(tokens)
    }
    return order.map { words in words.flatMap { known[Int($0)] } }
  }

  /// A pair of a word that is a token: earlier tokens come first, and of those of one kind the first in the word.
  private struct Use: Comparable {
    var token: Int32
    var place: Int

    static func < (a: Self, b: Self) -> Bool { (a.token, a.place) < (b.token, b.place) }
  }

  private func encoded(word: ArraySlice<UInt8>, _ observe: () -> Bool) -> [Int32]? {
    var (chain, uses, joins) = (TokenChain([word], lengths: lengths), PriorityQueue<Use>(), 0)
    func offer(_ place: Int) {
      guard let token = chain.pair(at: place).flatMap({ ranks[$0] }) else { return }
      uses.push(Use(token: token, place: place))
    }
    for place in chain.places { offer(place) }
    while let use = uses.pop() {
      guard chain.holds(merges[Int(use.token) - 256], at: use.place) else { continue }
      if joins % Self.joinsBetweenLooks == 0, !observe() { return nil }
      joins += 1
      let before = chain.previous(use.place)
      chain.join(at: use.place, into: use.token)
      offer(before)
      offer(use.place)
    }
    return chain.joined
  }

  private static let joinsBetweenLooks = 4096
}
