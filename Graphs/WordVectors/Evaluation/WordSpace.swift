import Foundation
import Recurve

/// Word vectors as a space in which words lie near each other.
public struct WordSpace: Sendable {
  /// Words by number, the most frequent first.
  public let words: [String]
  public let width: Int
  /// `[V, d]`, as they were learned.
  public let vectors: [Float]
  /// The same, each of length 1; vectors of zeros stay what they are.
  let directions: [Float]
  private let numbers: [String: Int]

  /// - Parameter vectors: `[V, d]`, a row for each word.
  public init(words: [String], vectors: HostTensor) {
    precondition(vectors.shape.rank == 2 && vectors.shape[0] == words.count, "\(words.count) words, \(vectors.summary)")
    self.words = words
    width = vectors.shape[1]
    self.vectors = vectors.floats
    directions = Self.directions(self.vectors, width: width)
    numbers = Dictionary(words.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  private static func directions(_ vectors: [Float], width: Int) -> [Float] {
    var result = vectors
    for start in stride(from: 0, to: vectors.count, by: width) {
      let range = start..<start + width
      let length = range.reduce(0) { $0 + Double(vectors[$1]) * Double(vectors[$1]) }.squareRoot()
      if length > 0 { for index in range { result[index] = Float(Double(vectors[index]) / length) } }
    }
    return result
  }

  /// The number of a word as it is written, else of its lower case; nil for one that the space lacks.
  public subscript(_ word: String) -> Int? { numbers[word] ?? numbers[word.lowercased()] }

  /// The number of a word.
  ///
  /// - Throws: `UnknownWordError` with words that are spelled like it.
  public func number(of word: String) throws(UnknownWordError) -> Int {
    if let number = self[word] { return number }
    throw UnknownWordError(word: word, similar: Spelling.nearest(to: word.lowercased(), among: words))
  }

  func direction(_ number: Int) -> ArraySlice<Float> { directions[number * width..<(number + 1) * width] }

  /// The cosine of the angle between the vectors of two words.
  public func cosine(_ a: Int, _ b: Int) -> Double { Self.product(direction(a), direction(b)) }

  private static func product(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// A word with the cosine of the angle to what was asked for.
  public struct Neighbour: Sendable, Hashable, Codable {
    public var word: String
    public var cosine: Double
  }

  /// The words nearest to a word, the nearest first.
  ///
  /// - Throws: `UnknownWordError`.
  public func neighbours(of word: String, count: Int) throws(UnknownWordError) -> [Neighbour] {
    let number = try number(of: word)
    return nearest(to: Array(direction(number)), count: count, except: [number])
  }

  /// The words d for which a is to b as c is to d: the nearest to `b - a + c`, of vectors of length 1, but for these three
  /// (3CosAdd: Mikolov, Yih and Zweig 2013).
  ///
  /// - Throws: `UnknownWordError`.
  public func analogy(_ a: String, _ b: String, _ c: String, count: Int) throws(UnknownWordError) -> [Neighbour] {
    let (first, second, third) = (try number(of: a), try number(of: b), try number(of: c))
    return nearest(to: target(first, second, third), count: count, except: [first, second, third])
  }

  /// `b - a + c`, of length 1 unless it is 0.
  func target(_ a: Int, _ b: Int, _ c: Int) -> [Float] {
    let (a, b, c) = (direction(a), direction(b), direction(c))
    let sum = (0..<width).map { b[b.startIndex + $0] - a[a.startIndex + $0] + c[c.startIndex + $0] }
    return Self.directions(sum, width: width)
  }

  private func nearest(to target: [Float], count: Int, except excluded: Set<Int>) -> [Neighbour] {
    let cosines = words.indices.map { Self.product(direction($0), target[...]) }
    let order = words.indices.filter { !excluded.contains($0) }.sorted { (cosines[$1], $0) < (cosines[$0], $1) }
    return order.prefix(count).map { Neighbour(word: words[$0], cosine: cosines[$0]) }
  }
}

/// A word that a vocabulary lacks.
public struct UnknownWordError: UsageError, Hashable, Sendable, CustomStringConvertible {
  public let word: String
  /// Words that the vocabulary has and that are spelled like it, the nearest first.
  public let similar: [String]

  public var description: String {
    "the vocabulary has no word '\(word)'"
      + (similar.isEmpty ? ", nor one that is spelled like it" : "; it has \(similar.joined(separator: ", "))")
  }
}
