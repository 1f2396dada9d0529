import ArgumentParser
import Foundation
import Puzzles
import Recurve
import RecurveCommands

struct SolveSudokuCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sudoku", abstract: "Solves a Sudoku with a Tiny Recursive Model and shows how its answer improves.",
    discussion: """
      The puzzle is a text, row by row: digits, and '.' or '0' for a blank. Puzzles of 4x4 cells are solved by the weights \
      that come with Recurve, those of every other size by a run that was trained on it. The last line is the answer; the \
      command fails where that is not the solution.
      """)

  @Argument(help: "The puzzle, for example 1..4..1.2..3.3..") var puzzle: String
  @OptionGroup var arguments: SolveArguments

  func run() throws {
    let question: SudokuQuestion
    let solutions: [[UInt8]]
    do {
      question = try SudokuQuestion(puzzle)
      solutions = try question.solutions()
    } catch { throw ValidationError("\(error)") }
    if solutions.isEmpty { throw ValidationError("the puzzle has no solution") }
    if solutions.count > 1 {
      Output.progress("the puzzle has several solutions; any of them will do")
    }
    let solving = try model(for: question.size)
    let thoughts = try solving.thoughts(on: question.cells.map(SudokuBatch.token), steps: arguments.steps) { thought in
      let digits = thought.tokens.map { SudokuBatch.digit($0, size: question.size) ?? 0 }
      try arguments.show(thought, question.size.board(digits))
    }
    let attempt = Attempt(question, solutions, thoughts)
    if let html = arguments.html {
      try Output.write(try ThoughtPage(question, thoughts, verdict: attempt.verdict).html(), to: html)
    }
    if arguments.json { try Output.json(attempt.report) } else { try Output.result(attempt.answer) }
    if !attempt.isSolved { throw WrongAnswer(verdict: attempt.verdict) }
  }

  /// The model of the run, or the one that comes with Recurve.
  private func model(for size: SudokuSize) throws -> Solving {
    if let run = arguments.runPath { return try arguments.model(of: run, .sudoku, side: size.side) }
    let (sizes, file) = ShippedWeights.sudoku4x4
    guard sizes.side == size.side else {
      throw ValidationError("no weights for \(size) puzzles come with Recurve; give --run RUN of such a model")
    }
    return try Solving(sizes, weights: try ShippedWeights.path(file), arguments.options)
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
