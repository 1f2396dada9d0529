import Puzzles
import Recurve

extension TinyRecursionTask {
  /// Puzzles for training, and others, with other solutions, that training never sees.
  struct Source: Sendable {
    let training: GridRows
    let heldOut: GridRows
    /// Nil for other puzzles.
    let arc: ARCSource?
    /// Puzzles that are held out; nil where they never end.
    let heldOutCount: Int?
    /// Of puzzles of files; nil elsewhere.
    let kind: GridKind?

    private init(
      training: @escaping GridRows, heldOut: @escaping GridRows, arc: ARCSource? = nil, heldOutCount: Int? = nil,
      kind: GridKind? = nil
    ) {
      (self.training, self.heldOut, self.arc) = (training, heldOut, arc)
      (self.heldOutCount, self.kind) = (heldOutCount, kind)
    }

    /// - Parameter path: of a file of puzzles, or a folder of tasks; nil where puzzles are generated.
    /// - Throws: `TaskError`, and what reading a file throws.
    init(_ sizes: TinyRecursion.Sizes, path: String?, seed: UInt64) throws {
      switch (sizes.puzzle, path) {
      case (.arc, nil): throw TaskError.needsFiles
      case (.arc, let path?): try self.init(tasks: path, sizes, seed: seed)
      case (.maze, nil): try self.init(mazes: sizes, seed: seed)
      case (.maze, let path?): try self.init(mazes: path, sizes, seed: seed)
      case (.sudoku, nil): try self.init(sudokus: sizes, seed: seed)
      case (.sudoku, let path?): try self.init(sudokus: path, sizes, seed: seed)
      }
    }

    // MARK: Generated puzzles

    private init(mazes sizes: TinyRecursion.Sizes, seed: UInt64) throws {
      func rows(_ part: SudokuStream.Part) throws -> GridRows {
        let stream = try MazeStream(side: sizes.side, seed: seed, lengths: sizes.lengths, part: part)
        let stride = Self.stride(sizes.batch, kinds: stream.lengths.count, part)
        return { number, rows in Grids(rows.map { stream[number * stride + $0] }) }
      }
      self.init(training: try rows(.training), heldOut: try rows(.heldOut))
    }

    private init(sudokus sizes: TinyRecursion.Sizes, seed: UInt64) throws {
      let size = try SudokuSize(side: sizes.side)
      func rows(_ part: SudokuStream.Part) throws -> GridRows {
        let stream = try SudokuStream(size: size, seed: seed, blanks: sizes.blanks, part: part)
        let stride = Self.stride(sizes.batch, kinds: stream.blanks.count, part)
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

    // MARK: Puzzles of files, those for training in ever new forms

    private init(tasks path: String, _ sizes: TinyRecursion.Sizes, seed: UInt64) throws {
      let source = try ARCSource(path: path, side: sizes.side, forms: sizes.forms, seed: seed)
      let batch = sizes.batch
      self.init(training: source.training(batch: batch), heldOut: source.heldOut(batch: batch), arc: source)
    }

    private init(mazes path: String, _ sizes: TinyRecursion.Sizes, seed: UInt64) throws {
      let file = try MazeFile(side: sizes.side, path: path, batch: sizes.batch, seed: seed)
      func rows(_ batches: MazeBatches) -> GridRows { { Grids(batches.batch($0, rows: $1)) } }
      self.init(
        training: rows(file.training), heldOut: rows(file.heldOut), heldOutCount: file.heldOutCount,
        kind: .mazes(side: sizes.side))
    }

    private init(sudokus path: String, _ sizes: TinyRecursion.Sizes, seed: UInt64) throws {
      let size = try SudokuSize(side: sizes.side)
      let file = try SudokuFile(size, path: path, batch: sizes.batch, seed: seed)
      func rows(_ batches: SudokuBatches) -> GridRows { { Grids(batches.batch($0, rows: $1)) } }
      self.init(
        training: rows(file.training), heldOut: rows(file.heldOut), heldOutCount: file.heldOutCount,
        kind: .sudoku(size, difficulties: file.difficulties))
    }
  }
}
