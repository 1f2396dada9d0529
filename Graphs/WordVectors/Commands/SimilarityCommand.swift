import ArgumentParser
import Foundation
import Recurve
import RecurveCommands

/// Vectors held against what people said of words.
struct SimilarityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity", abstract: "Holds word vectors against files of similarities and analogies.",
    discussion: """
      A file of similarities has two words and a number a line, as WordSim-353 has; of SimLex-999 these are the columns \
      1, 2 and 4. It is answered by Spearman's rank correlation of the numbers with the cosines. A file of analogies has \
      four words a line under headings `: name`, and is answered by the share of fourth words that are the nearest to \
      second - first + third. Questions with a word that the vocabulary lacks are left out.
      """)

  @OptionGroup var source: RunArgument
  @Argument(help: "Files of questions.") var files: [String]
  @Flag(help: "Prints the answers as JSON.") var json = false

  func validate() throws {
    if files.isEmpty { throw ValidationError("needs a file of similarities or analogies") }
  }

  func run() throws {
    let questions = try files.map { (URL(fileURLWithPath: $0).lastPathComponent, try QuestionFile(path: $0)) }
    let space = try source.learned().space
    let found = try questions.flatMap { try space.evaluated(on: $1, name: $0) }
    if json { return try Output.json(found) }
    let rows = found.map { line in
      [
        line.name, "\(line.asked) of \(line.total)", line.spearman?.text(digits: 4) ?? "",
        line.accuracy.map { (100 * $0).text(digits: 1) + " %" } ?? "",
      ]
    }
    try Output.result(TextTable.aligned([["questions", "asked", "Spearman", "right"]] + rows, leftColumns: [0]))
  }
}

extension Double {
  /// With so many digits behind the point.
  func text(digits: Int) -> String { String(format: "%.\(digits)f", self) }
}
