import Puzzles
import Recurve

/// Puzzles with one answer each for training, and others, with other solutions, that training never sees.
///
/// A batch is a pure function of its number, so that a resumed run sees what the unbroken one would.
struct MovePuzzles: Sendable {
  let training: @Sendable (_ number: Int) -> SudokuBatch
  let heldOut: @Sendable (_ number: Int) -> SudokuBatch
  /// How many are held out: later ones of their batches are these again. Nil where there is always another one.
  let heldOutCount: Int?

  /// Generated puzzles.
  ///
  /// - Parameter blanks: nil for those that the size has where nobody asks for others.
  init(_ size: SudokuSize, blanks: ClosedRange<Int>?, batch: Int, seed: UInt64) throws {
    func batches(_ part: SudokuStream.Part) throws -> @Sendable (Int) -> SudokuBatch {
      let stream = try SudokuStream(size: size, seed: seed, blanks: blanks, part: part)
      return { number in SudokuBatch((0..<batch).map { stream[number * batch + $0] }) }
    }
    (training, heldOut, heldOutCount) = (try batches(.training), try batches(.heldOut), nil)
  }

  /// Puzzles of a file.
  ///
  /// - Throws: `MovePuzzlesError.nothingToLearn`, `SudokuFileError` and what `SudokuCSV` throws.
  init(_ size: SudokuSize, path: String, batch: Int, seed: UInt64) throws {
    let file = try SudokuFile(size, path: path, batch: batch, seed: seed)
    guard file.training.puzzles.contains(where: { $0.blankCount > 0 }) else {
      throw MovePuzzlesError.nothingToLearn(path, count: file.training.puzzles.count)
    }
    (training, heldOut, heldOutCount) = ({ file.training.batch($0) }, { file.heldOut.batch($0) }, file.heldOutCount)
  }
}

/// Puzzles that a model cannot be trained on, or asked to fill.
enum MovePuzzlesError: Error, Hashable, CustomStringConvertible {
  case nothingToLearn(String, count: Int)
  case nothingToFill(count: Int)
  case otherSide(String, found: Int, run: String, needed: Int)

  var description: String {
    switch self {
    case .nothingToLearn(let path, let count):
      "\(path): needed puzzles with blanks to train on, found none in the \(count) that are not held out"
    case .nothingToFill(let count): "needed held-out puzzles with blanks, found none in the \(count) that are played"
    case .otherSide(let path, let found, let run, let needed):
      "\(path) has puzzles of side \(found), the run \(run) needs side \(needed)"
    }
  }
}
