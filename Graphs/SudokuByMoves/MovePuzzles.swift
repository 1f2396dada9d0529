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
  init(_ size: SudokuSize, path: String, batch: Int, seed: UInt64) throws {
    let file = try SudokuFile(size, path: path, batch: batch, seed: seed)
    (training, heldOut, heldOutCount) = ({ file.training.batch($0) }, { file.heldOut.batch($0) }, file.heldOutCount)
  }
}
