import ArgumentParser
import Foundation
import Puzzles
import Recurve
import RecurveCommands

struct SolveMazeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maze", abstract: "Finds the way through a maze with a Tiny Recursive Model and shows how it grows.",
    discussion: """
      The maze is a file, or a text whose rows stand between slashes: '#' for a wall, '.' or a space for an open cell, 'S' \
      and 'G' for start and goal. A run of `recurve train tiny-recursion --preset maze` answers for mazes of 9x9 cells, one \
      with `--set side=15` for those of 15x15. The last grid is the answer, with 'o' where the way is; where that is no way \
      from start to goal, the command fails and shows one as its error.
      """)

  @Argument(help: "A file, or a text such as S.###/#.#.#/#...#/###.#/###G#") var maze: String
  @OptionGroup var arguments: SolveArguments

  func validate() throws {
    if arguments.runPath == nil { throw ValidationError("needs --run RUN with a run of the preset maze") }
  }

  func run() throws {
    let question = try question()
    let solving = try arguments.model(of: arguments.runPath ?? "", .maze, side: question.side)
    let thoughts = try solving.thoughts(on: question.cells.map { Int32($0.rawValue) }, steps: arguments.steps) {
      try arguments.show($0, Self.grid(Self.cells($0), question.side))
    }
    let attempt = MazeAttempt(question: question, thoughts: thoughts)
    if let html = arguments.html {
      try Output.write(try ThoughtPage(question, thoughts, verdict: attempt.verdict).html(), to: html)
    }
    if arguments.json {
      try Output.json(attempt.report)
    } else if attempt.isSolved {
      try Output.result(attempt.verdict)
    }
    if !attempt.isSolved { throw WrongAnswer(verdict: attempt.verdict) }
  }

  /// - Throws: with file, line and column where it is no maze.
  private func question() throws -> MazeQuestion {
    let isFile = FileManager.default.fileExists(atPath: maze)
    let text = isFile ? try TextFile(path: maze).text : maze
    do { return try MazeQuestion(text) } catch {
      if !isFile { throw ValidationError("no file is called so, and as a text: \(error)") }
      throw TextFileError(path: maze, line: error.place?.line, problem: error.inLine)
    }
  }

  fileprivate static func cells(_ thought: Solving.Thought) -> [Maze.Cell] {
    thought.tokens.map(Maze.Cell.init(token:))
  }

  fileprivate static func grid(_ cells: [Maze.Cell], _ side: Int) -> String {
    Maze.lines(cells, side: side).joined(separator: "\n")
  }
}

/// A maze with the thoughts that it led to.
private struct MazeAttempt {
  let question: MazeQuestion
  let thoughts: [Solving.Thought]

  private var answer: [Maze.Cell] { thoughts.last.map(SolveMazeCommand.cells) ?? [] }
  var isSolved: Bool { question.isSolved(by: answer) }

  var verdict: String {
    let count = thoughts.count == 1 ? "1 step" : "\(thoughts.count) steps"
    if isSolved { return "solved after \(count): \(answer.count { $0 == .path } + 1) steps from start to goal" }
    return "the model's answer after \(count) is no way from start to goal; one is\n"
      + SolveMazeCommand.grid(question.solution, question.side)
  }

  private struct Report: Encodable {
    var question: [String]
    var answer: [String]
    var solved: Bool
    /// A shortest way, of which there may be several.
    var solution: [String]
    var steps: [Step]
  }

  private struct Step: Encodable {
    var step: Int
    var answer: [String]
    var halting_probability: Double
  }

  var report: some Encodable {
    func lines(_ cells: [Maze.Cell]) -> [String] { Maze.lines(cells, side: question.side) }
    let steps = thoughts.map {
      Step(step: $0.step, answer: lines(SolveMazeCommand.cells($0)), halting_probability: $0.haltingProbability)
    }
    return Report(
      question: lines(question.cells), answer: lines(answer), solved: isSolved, solution: lines(question.solution),
      steps: steps)
  }
}
