/// Words as tokens side by side, two of which become one in place, at a price that does not grow with the word.
///
/// A place is a byte. A token's number stands at its first byte and at its last one, from which its neighbours are found;
/// within a longer token, and before and behind each word, stands no number.
struct TokenChain {
  private static let none: Int32 = -1
  private var tokens: [Int32]
  /// Bytes of each token.
  var lengths: [Int]

  /// - Parameter lengths: bytes of each token, of which the first 256 are the bytes.
  init(_ words: some Sequence<ArraySlice<UInt8>>, lengths: [Int]) {
    (self.tokens, self.lengths) = ([Self.none], lengths)
    for word in words {
      tokens += word.lazy.map { Int32($0) }
      tokens.append(Self.none)
    }
  }

  /// Those of all words, and one behind each; the first word begins at place 1.
  var places: Range<Int> { 1..<tokens.count }

  /// The tokens at a place where one begins, and behind it; nil at the end of a word and between words.
  func pair(at place: Int) -> BytePairVocabulary.Pair? {
    guard tokens[place] >= 0, tokens[next(place)] >= 0 else { return nil }
    return BytePairVocabulary.Pair(first: tokens[place], second: tokens[next(place)])
  }

  /// Whether a pair that began at a place is still there. A token that has come to end there is longer than the one that began
  /// there, and so another one.
  func holds(_ pair: BytePairVocabulary.Pair, at place: Int) -> Bool {
    tokens[place] == pair.first && tokens[next(place)] == pair.second
  }

  /// Where the token behind one begins, or the word has ended.
  func next(_ place: Int) -> Int { place + lengths[Int(tokens[place])] }

  /// Where the token before one begins, or the place before the word.
  func previous(_ place: Int) -> Int {
    let token = tokens[place - 1]
    return token >= 0 ? place - lengths[Int(token)] : place - 1
  }

  /// Makes one token of the one that begins at a place and the one behind it.
  mutating func join(at place: Int, into token: Int32) {
    let border = next(place)
    let end = next(border)
    (tokens[border - 1], tokens[border]) = (Self.none, Self.none)
    (tokens[place], tokens[end - 1]) = (token, token)
  }

  /// The tokens of all words, one after another.
  var joined: [Int32] {
    var joined: [Int32] = []
    var place = places.lowerBound
    while place < places.upperBound {
      let token = tokens[place]
      if token >= 0 { joined.append(token) }
      place += token >= 0 ? lengths[Int(token)] : 1
    }
    return joined
  }
}
