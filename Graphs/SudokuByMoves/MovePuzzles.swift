import Puzzles
import Recurve

/// Puzzles with one answer each for training, and others, with other solutions, that training never sees.
///
/// A batch is a pure function of its number, so that a resumed run sees what the unbroken one would.
struct MovePuzzles: Sendable {
  let size: SudokuSize
  let batchSize: Int
  let training: @Sendable (_ number: Int) -> SudokuBatch
  let heldOut: @Sendable (_ number: Int) -> SudokuBatch
  /// How many are held out: later ones of their batches are these again. Nil where there is always another one.
  let heldOutCount: Int?

  /// Puzzles of a file, or else generated ones: of 4x4 those of eight blanks, as in the project that this one answers.
  ///
  /// - Throws: as the others.
  init(_ size: SudokuSize, path: String?, batch: Int, seed: UInt64) throws {
    guard let path else {
      self = try MovePuzzles(size, blanks: size == .four ? 8...8 : nil, batch: batch, seed: seed)
      return
    }
    self = try MovePuzzles(size, file: path, batch: batch, seed: seed)
  }

  /// Generated puzzles.
  ///
  /// - Parameter blanks: nil for those that the size has where nobody asks for others.
  init(_ size: SudokuSize, blanks: ClosedRange<Int>?, batch: Int, seed: UInt64) throws {
    func batches(_ part: SudokuStream.Part) throws -> @Sendable (Int) -> SudokuBatch {
      let stream = try SudokuStream(size: size, seed: seed, blanks: blanks, part: part)
      return { number in SudokuBatch((0..<batch).map { stream[number * batch + $0] }) }
    }
    (self.size, batchSize) = (size, batch)
    (training, heldOut, heldOutCount) = (try batches(.training), try batches(.heldOut), nil)
  }

  /// Puzzles of a file.
  ///
  /// - Throws: `MovePuzzlesError.nothingToLearn`, `SudokuFileError` and what `SudokuCSV` throws.
  init(_ size: SudokuSize, file path: String, batch: Int, seed: UInt64) throws {
    let file = try SudokuFile(size, path: path, batch: batch, seed: seed)
    guard file.training.puzzles.contains(where: { $0.blankCount > 0 }) else {
      throw MovePuzzlesError.nothingToLearn(path, count: file.training.puzzles.count)
    }
    (self.size, batchSize) = (size, batch)
    (training, heldOut, heldOutCount) = ({ file.training.batch($0) }, { file.heldOut.batch($0) }, file.heldOutCount)
  }

  /// Batches until all held-out puzzles have been there.
  var heldOutBatchCount: Int { heldOutCount.map { ($0 + batchSize - 1) / batchSize } ?? .max }

  /// How many puzzles of a held-out batch were in none before it.
  func newCount(inBatch number: Int) -> Int {
    heldOutCount.map { min(max($0 - number * batchSize, 0), batchSize) } ?? batchSize
  }
}

/// Puzzles that a model cannot be trained on, or asked to fill.
enum MovePuzzlesError: Error, Hashable, CustomStringConvertible {
  case nothingToLearn(String, count: Int)
  case nothingToFill(count: Int)
  case otherSide(String, found: Int, run: String, needed: Int)
  case otherPuzzles(run: String, found: String)

  var description: String {
    switch self {
    case .nothingToLearn(let path, let count):
      "\(path): needed puzzles with blanks to train on, found none in the \(count) that are not held out"
    case .nothingToFill(let count): "needed held-out puzzles with blanks, found none in the \(count) that are played"
    case .otherSide(let path, let found, let run, let needed):
      "\(path) has puzzles of side \(found), the run \(run) needs side \(needed)"
    case .otherPuzzles(let run, let found): "\(run) is a run of \(found) puzzles, needs one of sudoku puzzles"
    }
  }
}
