import Puzzles
import Recurve

extension TinyRecursionTask {
  /// Questions and answers as tokens, `[B, S]` each; 0 is the pad token, which no answer has.
  public struct Grids: Sendable {
    public var questions: [Int32]
    public var answers: [Int32]
    /// Which puzzle each is, `[B]`; empty where puzzles have no vectors of their own.
    public var puzzles: [Int32]

    /// - Parameter puzzles: nil where puzzles have no vectors of their own.
    public init(questions: [Int32], answers: [Int32], puzzles: [Int32]? = nil) {
      self.questions = questions
      self.answers = answers
      self.puzzles = puzzles ?? []
    }

    public init(_ batch: SudokuBatch) { self.init(questions: batch.inputs, answers: batch.labels) }

    init(_ mazes: [Maze]) {
      func tokens(_ cells: [Maze.Cell]) -> [Int32] { cells.map { Int32($0.rawValue) } }
      self.init(questions: mazes.flatMap { tokens($0.question) }, answers: mazes.flatMap { tokens($0.answer) })
    }

    /// Some rows alone.
    func rows(_ rows: [Int], cells: Int) -> Grids {
      func part(_ tokens: [Int32]) -> [Int32] { rows.flatMap { tokens[$0 * cells..<($0 + 1) * cells] } }
      return Grids(
        questions: part(questions), answers: part(answers), puzzles: puzzles.isEmpty ? nil : rows.map { puzzles[$0] })
    }
  }

  /// Numbered batches of grids, of which some rows can be had at the cost of these: `(number, rows) -> [rows, S]`.
  ///
  /// A pure function, so that a resumed run sees what the unbroken one would.
  public typealias GridRows = @Sendable (_ number: Int, _ rows: [Int]) -> Grids
}

/// What a user got wrong about the model's options.
public enum TaskError: UsageError, Hashable, CustomStringConvertible {
  case tooSmall(String, Int)
  case otherFamily(String)
  case needsFiles
  case noSudokus(String)
  case noTasks(String)
  case tooLarge(String, found: Int, side: Int)

  public var isUsage: Bool {
    switch self {
    case .tooSmall, .otherFamily, .needsFiles, .noSudokus: true
    case .noTasks, .tooLarge: false
    }
  }

  public var description: String {
    switch self {
    case .tooSmall(let name, let value): "\(name) must be at least 1, got \(value)"
    case .needsFiles: "the preset needs --data with a folder of tasks"
    case .noSudokus(let preset): "needs a preset of Sudokus, got \(preset)"
    case .noTasks(let path): "needed a file or a folder of tasks that end with .json, found none at \(path)"
    case .tooLarge(let path, let found, let side):
      "\(path): a grid has \(found) cells a side, the canvas \(side); --set side=\(found) makes one that is large enough"
    case .otherFamily(let name): "needs a run of \(TinyRecursion.family.name), got one of \(name)"
    }
  }
}
