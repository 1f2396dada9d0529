import Foundation
import Recurve

/// What people said of words, to hold vectors against: how similar two are, or which is to a third as a second to a first.
///
/// Similarities are lines of two words and a number, as in WordSim-353 (Finkelstein et al. 2001), and as the columns 1, 2 and 4 of
/// SimLex-999 (Hill et al. 2015); analogies are lines of four words under headings `: name` (Mikolov et al. 2013). White space parts words, or commas where
/// a line has several and no tab; lines that begin with `#` and a heading of columns are skipped. All words are lower-cased.
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
    // One comma alone, or one beside tabs, is within a number.
    let hasColumns = !line.contains("\t") && line.count { $0 == "," } > 1
    let parts = line.split { $0.isWhitespace || (hasColumns && $0 == ",") }.map { $0.lowercased() }
    guard let first = parts.first, !first.hasPrefix("#") else { return nil }
    lineCount += 1
    if first.hasPrefix(":") {
      hasHeading = true
      let name = line.drop { $0.isWhitespace || $0 == ":" }
      sections.append(.init(name: String(name).trimmingCharacters(in: .whitespaces), questions: []))
      return similarities.isEmpty ? nil : "found a heading of analogies after pairs with scores"
    }
    return sections.isEmpty ? readSimilarity(parts) : readAnalogy(parts)
  }

  private mutating func readSimilarity(_ parts: [String]) -> String? {
    if parts.count == 4, similarities.isEmpty, Double(parts[3]) == nil, Double(parts[2]) == nil {
      sections.append(.init(name: "all", questions: []))
      return readAnalogy(parts)
    }
    guard parts.count >= 3, let score = Double(parts[2]), score.isFinite else {
      if lineCount == 1, parts.count >= 3 { return nil }  // the names of the columns
      return "needed two words and a number, found '\(parts.joined(separator: " "))'"
    }
    similarities.append(.init(first: parts[0], second: parts[1], score: score))
    return nil
  }

  private mutating func readAnalogy(_ parts: [String]) -> String? {
    // Without a heading numbers belong to a file of similarities with more columns.
    let hasNumber = !hasHeading && parts.dropFirst(2).contains { Double($0)?.isFinite == true }
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
