import ArgumentParser
import Foundation
import Recurve
import RecurveCommands

extension MaskedLanguageModel {
  /// What the command line can do with these models.
  public static let commands: [any ParsableCommand.Type] = [
    FillCommand.self, MaskedBatchesCommand.self, AccuracyVersusComputeCommand.self,
  ]
}

/// What may stand in the blanks of a text.
struct FillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill",
    abstract: "Fills the blanks of a text: what a trained masked language model would write there.",
    discussion: """
      recurve fill RUN "the capital of [MASK] is" shows the five tokens that are most probable in place of each [MASK]. A \
      token is a byte pair, with the space before it: a word that the text had often, or a part of one.
      """)

  @Argument(help: ArgumentHelp("Folder of `recurve train masked-language-model`.", valueName: "run")) var path: String
  @Argument(help: "A text with [MASK] for each token that is to be found.") var text: String
  @Option(help: "How many tokens are shown for each blank.") var top: Int = 5
  @Option(help: "Threads; all processors by default.") var threads: Int?
  @Flag(help: "Prints JSON.") var json = false

  func validate() throws {
    try ArgumentChecks.check("top", top, 1...1000)
    try ArgumentChecks.check("threads", threads, ArgumentChecks.threads)
  }

  func run() throws {
    let run = try TrainedRun(path, of: MaskedLanguageModel.family)
    let task = try MaskedLanguageTask(opening: run)
    var options = CompilerOptions()
    if let threads { options.workerCount = threads }
    let filled = try FilledText(text, task, try run.store(of: task.model), top: top, options)
    if json { return try Output.json(filled) }
    let rows = filled.blanks.enumerated().flatMap { number, blank in
      blank.choices.enumerated().map { rank, choice in
        let probability = String(format: "%.2f %%", choice.probability * 100)
        return [rank == 0 ? "\(number + 1)" : "", choice.token.debugDescription, probability]
      }
    }
    try Output.result(TextTable.aligned([["blank", "token", "probability"]] + rows, leftColumns: [0, 1]))
  }
}
