import Recurve

extension WordSpace {
  /// Words as points in the plane of their two principal components, of vectors of length 1.
  ///
  /// - Parameter groups: each of one color; a word stands in the first group that has it.
  public func map(of groups: [[String]]) throws(UnknownWordError) -> PointMap {
    var placed: [(number: Int, group: Int)] = []
    for (group, words) in groups.enumerated() {
      for word in words {
        let number = try number(of: word)
        if !placed.contains(where: { $0.number == number }) { placed.append((number, group)) }
      }
    }
    let rows = placed.map { direction($0.number).map(Double.init) }
    let title = "\(placed.count) words, principal components"
    guard !rows.isEmpty else { return PointMap(title: title, xLabel: "", yLabel: "", points: []) }
    let components = PrincipalComponents(of: rows, count: 2)
    let points = zip(placed, rows).map { word, row in
      let place = components.projected(row)
      return PointMap.Point(
        name: words[word.number], x: place[0], y: place.count > 1 ? place[1] : 0, group: word.group)
    }
    func label(_ number: Int) -> String {
      let share = components.shares.indices.contains(number) ? components.shares[number] : 0
      return "component \(number + 1), \(Int((100 * share).rounded())) % of the variance"
    }
    return PointMap(title: title, xLabel: label(0), yLabel: label(1), points: points)
  }

  /// Each word with those nearest to it.
  public func surroundings(of words: [String], count: Int) throws(UnknownWordError) -> [[String]] {
    var groups: [[String]] = []
    for word in words {
      let number = try number(of: word)
      groups.append([self.words[number]] + (try neighbours(of: word, count: count)).map(\.word))
    }
    return groups
  }

  /// The vectors in the text format of word2vec, which gensim loads: a line with how many and how wide, then a line for each
  /// word.
  public var text: String {
    var lines = "\(words.count) \(width)\n"
    for (number, word) in words.enumerated() {
      lines += word
      for value in vectors[number * width..<(number + 1) * width] { lines += " \(value)" }
      lines += "\n"
    }
    return lines
  }
}
