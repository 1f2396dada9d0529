import ArgumentParser
import Recurve
import RecurveCommands

/// The words nearest to a word.
struct NeighboursCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neighbours", abstract: "Lists the words whose vectors are nearest to a word's.")

  @OptionGroup var source: RunArgument
  @Argument(help: "A word of the vocabulary.") var word: String
  @OptionGroup var length: ListLength
  @Flag(help: "Prints the words as JSON.") var json = false

  private struct Report: Codable {
    var word: String
    var neighbours: [WordSpace.Neighbour]
  }

  func run() throws {
    let found = try source.learned().space.neighbours(of: word, count: length.count)
    if json { return try Output.json(Report(word: word, neighbours: found)) }
    try Output.result(found.table)
  }
}

/// Words that answer an analogy.
struct AnalogyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analogy", abstract: "Finds the word that is to the third as the second is to the first.",
    discussion: "`recurve analogy RUN man king woman` asks for what is to woman as king is to man: king - man + woman.")

  @OptionGroup var source: RunArgument
  @Argument(help: "A word of the vocabulary.") var first: String
  @Argument(help: "What the first is to.") var second: String
  @Argument(help: "What the answer is to be to.") var third: String
  @OptionGroup var length: ListLength
  @Flag(help: "Prints the words as JSON.") var json = false

  private struct Report: Codable {
    var first: String
    var second: String
    var third: String
    var answers: [WordSpace.Neighbour]
  }

  func run() throws {
    let found = try source.learned().space.analogy(first, second, third, count: length.count)
    if json { return try Output.json(Report(first: first, second: second, third: third, answers: found)) }
    try Output.result(found.table)
  }
}

/// How many words a command lists.
struct ListLength: ParsableArguments {
  @Option(help: "Words to list.") var count: Int = 10

  func validate() throws {
    if count < 1 { throw ValidationError("--count is \(count), needs at least 1") }
  }
}

extension [WordSpace.Neighbour] {
  var table: String {
    TextTable.aligned([["word", "cosine"]] + map { [$0.word, $0.cosine.text(digits: 4)] }, leftColumns: [0])
  }
}
