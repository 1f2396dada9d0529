import ArgumentParser
import Foundation
import Puzzles
import Recurve
import RecurveCommands

/// Puts a puzzle of one's own to a trained model.
struct SolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve", abstract: "Solves a puzzle of your own with a trained model, step by step.",
    subcommands: [SolveSudokuCommand.self])
}

struct SolveSudokuCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sudoku", abstract: "Solves a Sudoku with a Tiny Recursive Model and shows how its answer improves.",
    discussion: """
      The puzzle is a text, row by row: digits, and '.' or '0' for a blank. Puzzles of 4x4 cells are solved by the weights \
      that come with Recurve, those of every other size by a run that was trained on it. The last line is the answer; the \
      command fails where that is not the solution.
      """)

  @Argument(help: "The puzzle, for example 1..4..1.2..3.3..") var puzzle: String
  @Option(name: .customLong("run"), help: "Folder of `recurve train` whose model answers.") var runPath: String?
  @Option(help: "Supervision steps, whatever the model says; without it the model says when it is done.")
  var steps: Int?
  @Option(help: "Writes a page that plays the steps.") var html: String?
  @Option(help: "Threads; all processors by default.") var threads: Int?
  @Flag(help: "Prints question, steps and answer as JSON.") var json = false

  private static let mostSteps = 10_000

  func validate() throws {
    try ArgumentChecks.check("steps", steps, 1...Self.mostSteps)
    try ArgumentChecks.check("threads", threads, ArgumentChecks.threads)
  }

  func run() throws {
    let question: SudokuQuestion
    do { question = try SudokuQuestion(puzzle) } catch { throw ValidationError("\(error)") }
    let solutions = question.solutions
    if solutions.isEmpty { throw ValidationError("the puzzle has no solution") }
    if solutions.count > 1 {
      Output.progress("the puzzle has several solutions; any of them will do")
    }
    let solving = try model(for: question.size)
    let thoughts = try solving.thoughts(on: question.cells.map(SudokuBatch.token), steps: steps) { thought in
      if !json { try show(thought, question) }
    }
    let attempt = Attempt(question, solutions, thoughts)
    if let html { try Output.write(try ThoughtPage(question, thoughts, verdict: attempt.verdict).html(), to: html) }
    if json { try Output.json(attempt.report) } else { try Output.result(attempt.answer) }
    if !attempt.isSolved { throw WrongAnswer(verdict: attempt.verdict) }
  }

  /// The model of the run, or the one that comes with Recurve.
  private func model(for size: SudokuSize) throws -> Solving {
    var options = CompilerOptions()
    if let threads { options.workerCount = threads }
    guard let runPath else {
      let (sizes, file) = ShippedWeights.sudoku4x4
      guard sizes.side == size.side else {
        throw ValidationError("no weights for \(size) puzzles come with Recurve; give --run RUN of such a model")
      }
      return try Solving(sizes, weights: try ShippedWeights.path(file), options)
    }
    let folder = RunFolder(runPath)
    guard folder.holdsRecord, folder.holdsCheckpoint else {
      throw ValidationError("--run got '\(runPath)', needs the folder of a run of `recurve train` with a checkpoint")
    }
    let sizes = try TinyRecursion.Sizes(of: try RunRecord(path: folder.record))
    guard sizes.puzzle == .sudoku else {
      throw ValidationError("--run got '\(runPath)', a run of \(sizes.puzzle) puzzles, needs one of Sudokus")
    }
    guard sizes.side == size.side else {
      throw ValidationError("the puzzle is \(size), the run was trained on \(sizes.side)x\(sizes.side)")
    }
    return try Solving(sizes, weights: folder.checkpoint, options)
  }

  private func show(_ thought: Solving.Thought, _ question: SudokuQuestion) throws {
    let digits = thought.tokens.map { SudokuBatch.digit($0, size: question.size) ?? 0 }
    let probability = String(format: "%.1f %%", thought.haltingProbability * 100)
    try Output.result("step \(thought.step), right with probability \(probability)")
    try Output.result(question.size.board(digits) + "\n")
  }
}

/// A question with the thoughts that it led to.
private struct Attempt {
  let question: SudokuQuestion
  let solutions: [[UInt8]]
  let thoughts: [Solving.Thought]

  init(_ question: SudokuQuestion, _ solutions: [[UInt8]], _ thoughts: [Solving.Thought]) {
    (self.question, self.solutions, self.thoughts) = (question, solutions, thoughts)
  }

  private func digits(_ thought: Solving.Thought) -> [UInt8] {
    thought.tokens.map { SudokuBatch.digit($0, size: question.size) ?? 0 }
  }

  private var board: [UInt8] { thoughts.last.map(digits) ?? [] }
  var answer: String { question.size.line(board) }
  var isSolved: Bool { question.isSolved(by: board) }

  var verdict: String {
    let count = thoughts.count == 1 ? "1 step" : "\(thoughts.count) steps"
    if isSolved { return "solved after \(count)" }
    return "the model's answer after \(count) is not the solution, which is \(question.size.line(solutions[0]))"
  }

  private struct Report: Encodable {
    var question: String
    var answer: String
    var solved: Bool
    /// Of which the puzzle has one, or more.
    var solution: String
    var has_several_solutions: Bool
    var steps: [Step]
  }

  private struct Step: Encodable {
    var step: Int
    var answer: String
    var halting_probability: Double
  }

  var report: some Encodable {
    let size = question.size
    let steps = thoughts.map {
      Step(step: $0.step, answer: size.line(digits($0)), halting_probability: $0.haltingProbability)
    }
    return Report(
      question: size.line(question.cells), answer: answer, solved: isSolved, solution: size.line(solutions[0]),
      has_several_solutions: solutions.count > 1, steps: steps)
  }
}

/// The model did not find the solution.
private struct WrongAnswer: Error, CustomStringConvertible {
  var verdict: String

  var description: String { verdict }
}
