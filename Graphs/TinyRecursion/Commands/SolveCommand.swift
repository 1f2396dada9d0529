import ArgumentParser
import Foundation
import Puzzles
import Recurve
import RecurveCommands

/// Puts a puzzle of one's own to a trained model.
struct SolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve", abstract: "Solves a puzzle of your own with a trained model, step by step.",
    subcommands: [SolveSudokuCommand.self, SolveMazeCommand.self])
}

/// How a model is asked.
struct SolveArguments: ParsableArguments {
  @Option(name: .customLong("run"), help: "Folder of `recurve train` whose model answers.") var runPath: String?
  @Option(help: "Supervision steps, whatever the model says; without it the model says when it is done.")
  var steps: Int?
  @Option(help: "Writes a page that plays the steps.") var html: String?
  @Option(help: "Threads; all processors by default.") var threads: Int?
  @Flag(help: "Prints question, steps and answer as JSON.") var json = false

  private static let mostSteps = 10_000

  func validate() throws {
    try ArgumentChecks.checkNoRunFile("html", html)
    try ArgumentChecks.checkPicture("html", html, ["html", "htm"])
    try ArgumentChecks.check("steps", steps, 1...Self.mostSteps)
    try ArgumentChecks.check("threads", threads, ArgumentChecks.threads)
  }

  var options: CompilerOptions {
    var options = CompilerOptions()
    if let threads { options.workerCount = threads }
    return options
  }

  /// The model of a run that was trained on such puzzles.
  func model(of path: String, _ puzzle: TinyRecursion.Sizes.Puzzle, side: Int) throws -> Solving {
    let folder = RunFolder(path)
    guard folder.holdsRecord, folder.holdsCheckpoint else {
      throw ValidationError("--run got '\(path)', needs the folder of a run of `recurve train` with a checkpoint")
    }
    let sizes = try TinyRecursion.Sizes(of: try RunRecord(path: folder.record))
    guard sizes.puzzle == puzzle else {
      throw ValidationError("--run got '\(path)', a run of \(sizes.puzzle) puzzles, needs one of \(puzzle) puzzles")
    }
    guard sizes.side == side else {
      throw ValidationError("the puzzle is \(side)x\(side), the run was trained on \(sizes.side)x\(sizes.side)")
    }
    return try Solving(sizes, weights: folder.checkpoint, options)
  }

  /// Shows a thought: how sure the model is, and the grid.
  func show(_ thought: Solving.Thought, _ grid: String) throws {
    if json { return }
    let probability = String(format: "%.1f %%", thought.haltingProbability * 100)
    try Output.result("step \(thought.step), right with probability \(probability)\n\(grid)\n")
  }
}

/// The model did not find the solution.
struct WrongAnswer: Error, CustomStringConvertible {
  var verdict: String

  var description: String { verdict }
}
