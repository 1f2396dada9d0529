import Foundation
import Recurve

/// What people said of words, to hold vectors against: how similar two are, or which is to a third as a second to a first.
///
/// Similarities are lines of two words and a number, as in WordSim-353 (Finkelstein et al. 2001), and as the columns 1, 2 and 4 of
/// SimLex-999 (Hill et al. 2015); analogies are lines of four words under headings `: name` (Mikolov et al. 2013). White space parts words, or commas where
/// a line has several and no tab; lines that begin with `#` are skipped, and a first line that names columns, none of which is
/// a number or begins with one. All words are lower-cased.
public enum QuestionFile: Sendable, Hashable {
  case similarities([Similarity])
  case analogies([Section])

  public struct Similarity: Sendable, Hashable {
    public var first: String
    public var second: String
    /// The mean of what people said.
    public var score: Double
  }

  public struct Section: Sendable, Hashable {
    public var name: String
    /// Four words each: the first is to the second as the third is to the fourth.
    public var questions: [[String]]
  }

  /// - Throws: `TextFileError` for what is no text, `QuestionFileError` with the line.
  public init(path: String) throws { try self.init(try TextFile(path: path).text, path: path) }

  /// - Parameter path: of the text, for messages.
  init(_ text: String, path: String) throws(QuestionFileError) {
    var reader = QuestionReader()
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      if let problem = reader.read(line) { throw QuestionFileError(path: path, line: index + 1, problem: problem) }
    }
    guard let found = reader.result else {
      throw QuestionFileError(path: path, line: 1, problem: "needed pairs with scores or analogies, found none")
    }
    self = found
  }
}

private struct QuestionReader {
  private var similarities: [QuestionFile.Similarity] = []
  private var sections: [QuestionFile.Section] = []
  private var lineCount = 0
  private var hasHeading = false

  var result: QuestionFile? {
    if !similarities.isEmpty { return .similarities(similarities) }
    let full = sections.filter { !$0.questions.isEmpty }
    return full.isEmpty ? nil : .analogies(full)
  }

  /// What is wrong with the line; nil where nothing is.
  mutating func read(_ line: Substring) -> String? {
    let columns = Self.columns(of: line)
    let parts = columns.flatMap { $0.split(whereSeparator: \.isWhitespace) }.map { $0.lowercased() }
    guard let first = parts.first, !first.hasPrefix("#") else { return nil }
    lineCount += 1
    if first.hasPrefix(":") {
      hasHeading = true
      let name = line.drop { $0.isWhitespace || $0 == ":" }
      sections.append(.init(name: String(name).trimmingCharacters(in: .whitespaces), questions: []))
      return similarities.isEmpty ? nil : "found a heading of analogies after pairs with scores"
    }
    if !sections.isEmpty { return readAnalogy(parts) }
    return readSimilarity(parts, isHeading: lineCount == 1 && !columns.contains { Self.beginsWithNumber($0) })
  }

  /// What tabs part, else several commas, else white space.
  private static func columns(of line: Substring) -> [Substring] {
    if line.contains("\t") { return line.split(separator: "\t") }
    // One comma alone is within a number.
    let hasColumns = line.count { $0 == "," } > 1
    return hasColumns ? line.split(separator: ",") : line.split(whereSeparator: \.isWhitespace)
  }

  /// Whether a column is a number or begins with one, also one that cannot be read: 7,35.
  private static func beginsWithNumber(_ column: Substring) -> Bool {
    let first = column.first { $0.isLetter || $0.isNumber }
    return first?.isNumber == true || Double(column) != nil
  }

  /// A number with a point, or with the comma that is refused.
  private static func number(_ part: String) -> Double? { Double(part.replacing(",", with: ".")) }

  private mutating func readSimilarity(_ parts: [String], isHeading: Bool) -> String? {
    let mayBeAnalogy = parts.count == 4 && parts.dropFirst(2).allSatisfy { Self.number($0) == nil }
    if mayBeAnalogy, similarities.isEmpty {
      sections.append(.init(name: "all", questions: []))
      return readAnalogy(parts)
    }
    guard parts.count >= 3, let score = Double(parts[2]), score.isFinite else {
      if isHeading, parts.count >= 3 { return nil }
      return "needed two words and a number, found '\(parts.joined(separator: " "))'"
    }
    similarities.append(.init(first: parts[0], second: parts[1], score: score))
    return nil
  }

  private mutating func readAnalogy(_ parts: [String]) -> String? {
    // Without a heading numbers belong to a file of similarities with more columns.
    let hasNumber = !hasHeading && parts.dropFirst(2).contains { Self.number($0)?.isFinite == true }
    guard parts.count == 4, !hasNumber else { return "needed four words, found '\(parts.joined(separator: " "))'" }
    sections[sections.count - 1].questions.append(parts)
    return nil
  }
}

/// A file of questions that cannot be used.
public struct QuestionFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  /// Counted from one.
  public let line: Int
  public let problem: String

  public var description: String { "\(path):\(line): \(problem)" }
}
