import ArgumentParser
import Foundation
import Reports
import Text
import Training

struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer", abstract: "Finds the tokens of a text, and shows how texts are made of them.",
    subcommands: [TrainTokenizerCommand.self, ShowTokensCommand.self])
}

struct TrainTokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Finds the byte pairs of a text, and writes them to a file.")

  @Argument(help: "A file of text in UTF-8, or a folder of such files, whose names end in .txt.") var text: String
  @Option(help: "Tokens; 256 of them are the bytes.") var vocabulary: Int = 8192
  @Option(name: .shortAndLong, help: "The vocabulary's file.") var output: String = "vocabulary.txt"
  @Flag(help: "Prints a summary as JSON.") var json = false

  private struct Report: Codable {
    var output: String
    var tokens: Int
    var text_bytes: Int
    var text_tokens: Int
    var seconds: Double
  }

  func validate() throws {
    try ArgumentChecks.check("vocabulary", vocabulary, 256...1_000_000)
    try ArgumentChecks.checkNoRunFile("output", output)
    try ArgumentChecks.checkOutput("output", output, isNotOf: text)
    try ArgumentChecks.checkFolder(of: output)
  }

  func run() throws {
    Interruption.listen()
    let text = try TextDocuments(path: self.text).text
    let start = ContinuousClock.now
    let found = try BytePairVocabulary(of: text, count: vocabulary) { count in
      if !json, count % 1024 == 0 { Output.progress("\(count) of \(vocabulary) tokens") }
      return !Interruption.isRequested
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    // Half a vocabulary is another one.
    if let code = Interruption.exitCode { throw ExitCode(code) }
    try found.write(to: output)
    guard let tokens = found.encode(text, { !Interruption.isRequested }) else {
      Output.progress("stopped; wrote \(output), and did not count the text's tokens")
      throw ExitCode(Interruption.exitCode ?? 1)
    }
    let report = Report(
      output: output, tokens: found.count, text_bytes: text.utf8.count, text_tokens: tokens.count, seconds: seconds)
    if json { return try Output.json(report) }
    let rows = [
      ["tokens", "\(report.tokens)"], ["text", TextTable.bytes(report.text_bytes)],
      ["text in tokens", "\(report.text_tokens)"], ["found in", TextTable.seconds(seconds)], ["wrote", output],
    ]
    try Output.result(TextTable.aligned([["vocabulary", self.text]] + rows, leftColumns: [0, 1]))
  }
}

struct ShowTokensCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows the tokens of a line, separated by bars.")

  @Argument(help: "The vocabulary's file.") var vocabulary: String
  @Argument(help: "The text.") var text: String
  @Flag(help: "Prints the tokens' numbers as JSON.") var json = false

  private struct Token: Codable {
    var number: Int32
    var text: String
  }

  func run() throws {
    let vocabulary = try BytePairVocabulary(path: vocabulary)
    let tokens = vocabulary.encode(text).map { Token(number: $0, text: vocabulary.decode([$0])) }
    if json { return try Output.json(tokens) }
    try Output.result(tokens.map(\.text).joined(separator: "|"))
    try Output.result(tokens.map { "\($0.number)" }.joined(separator: " "))
  }
}
