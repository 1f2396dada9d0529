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

  /// Puzzles for training, and others, with other solutions, that training never sees.
  struct Source: Sendable {
    let training: GridRows
    let heldOut: GridRows
    /// Nil for other puzzles.
    let arc: ARCSource?
    /// Puzzles that are held out; nil where they never end.
    let heldOutCount: Int?
    /// Where puzzles say themselves how hard they are; nil elsewhere.
    let kind: GridKind?

    private init(
      training: @escaping GridRows, heldOut: @escaping GridRows, arc: ARCSource? = nil, heldOutCount: Int? = nil,
      kind: GridKind? = nil
    ) {
      (self.training, self.heldOut, self.arc) = (training, heldOut, arc)
      (self.heldOutCount, self.kind) = (heldOutCount, kind)
    }

    init(_ sizes: TinyRecursion.Sizes, path: String?, seed: UInt64) throws {
      if sizes.puzzle == .arc {
        guard let path else { throw TaskError.needsFiles }
        let source = try ARCSource(path: path, side: sizes.side, forms: sizes.forms, seed: seed)
        let batch = sizes.batch
        self.init(training: source.training(batch: batch), heldOut: source.heldOut(batch: batch), arc: source)
        return
      }
      if sizes.puzzle == .maze {
        if let path { throw TaskError.noFiles(path) }
        try self.init(mazes: sizes.side, batch: sizes.batch, seed: seed)
        return
      }
      let size = try SudokuSize(side: sizes.side)
      if let path {
        try self.init(size, path: path, batch: sizes.batch, seed: seed)
      } else {
        try self.init(size, batch: sizes.batch, seed: seed)
      }
    }

    /// Generated mazes.
    init(mazes side: Int, batch: Int, seed: UInt64) throws {
      func rows(_ part: SudokuStream.Part) throws -> GridRows {
        let stream = try MazeStream(side: side, seed: seed, part: part)
        let stride = Self.stride(batch, kinds: stream.lengths.count, part)
        return { number, rows in Grids(rows.map { stream[number * stride + $0] }) }
      }
      self.init(training: try rows(.training), heldOut: try rows(.heldOut))
    }

    /// Generated Sudokus.
    init(_ size: SudokuSize, blanks: ClosedRange<Int>? = nil, batch: Int, seed: UInt64) throws {
      func rows(_ part: SudokuStream.Part) throws -> GridRows {
        let stream = try SudokuStream(size: size, seed: seed, blanks: blanks, part: part)
        let stride = Self.stride(batch, kinds: stream.blanks.count, part)
        return { number, rows in Grids(SudokuBatch(rows.map { stream[number * stride + $0] })) }
      }
      self.init(training: try rows(.training), heldOut: try rows(.heldOut))
    }

    /// Numbers from one batch to the next. A place in training takes its own row of every batch: it meets all kinds of a stream,
    /// which follow each other in turn, only where batches are no multiple of them.
    static func stride(_ batch: Int, kinds: Int, _ part: SudokuStream.Part) -> Int {
      func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
      return part == .heldOut ? batch : (batch...).first { divisor($0, kinds) == 1 } ?? batch
    }

    /// Sudokus of a file, those for training in ever new forms.
    init(_ size: SudokuSize, path: String, batch: Int, seed: UInt64) throws {
      let file = try SudokuFile(size, path: path, batch: batch, seed: seed)
      func rows(_ batches: SudokuBatches) -> GridRows { { Grids(batches.batch($0, rows: $1)) } }
      self.init(
        training: rows(file.training), heldOut: rows(file.heldOut), heldOutCount: file.heldOutCount,
        kind: .sudoku(size, difficulties: file.difficulties))
    }
  }
}

/// What a user got wrong about the model's options.
public enum TaskError: UsageError, Hashable, CustomStringConvertible {
  case tooSmall(String, Int)
  case otherFamily(String)
  case noFiles(String)
  case needsFiles
  case noSudokus(String)
  case noTasks(String)
  case tooLarge(String, found: Int, side: Int)

  public var isUsage: Bool {
    switch self {
    case .tooSmall, .otherFamily, .needsFiles, .noSudokus, .noFiles: true
    case .noTasks, .tooLarge: false
    }
  }

  public var description: String {
    switch self {
    case .tooSmall(let name, let value): "\(name) must be at least 1, got \(value)"
    case .noFiles(let path): "mazes are generated, needs no file, got \(path)"
    case .needsFiles: "the preset needs --data with a folder of tasks"
    case .noSudokus(let preset): "needs a preset of Sudokus, got \(preset)"
    case .noTasks(let path): "needed a file or a folder of tasks that end with .json, found none at \(path)"
    case .tooLarge(let path, let found, let side):
      "\(path): a grid has \(found) cells a side, the preset's canvas \(side)"
    case .otherFamily(let name): "needs a run of \(TinyRecursion.family.name), got one of \(name)"
    }
  }
}
