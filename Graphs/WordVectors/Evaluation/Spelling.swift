/// How far spellings are apart.
enum Spelling {
  /// The words that at most two changes turn into a word, and a third of its letters at most; the nearest first, among equals
  /// the first.
  static func nearest(to word: String, among words: [String], count: Int = 5) -> [String] {
    let letters = Array(word.unicodeScalars)
    let limit = min(2, letters.count / 3)
    guard limit > 0, letters.count <= 100 else { return [] }
    let near = words.compactMap { other -> (word: String, distance: Int)? in
      guard abs(other.unicodeScalars.count - letters.count) <= limit else { return nil }
      let distance = distance(letters, Array(other.unicodeScalars))
      return distance <= limit ? (other, distance) : nil
    }
    let ordered = near.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
    return ordered.prefix(count).map(\.element.word)
  }

  /// How many letters must be put in, taken away, replaced, or changed with their neighbour (optimal string alignment).
  static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
