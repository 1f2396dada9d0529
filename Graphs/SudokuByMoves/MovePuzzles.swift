import Puzzles
import Recurve

/// Puzzles with one answer each for training, and others, with other solutions, that training never sees.
///
/// A batch is a pure function of its number, so that a resumed run sees what the unbroken one would.
struct MovePuzzles: Sendable {
  let training: @Sendable (_ number: Int) -> SudokuBatch
  let heldOut: @Sendable (_ number: Int) -> SudokuBatch

  /// Generated puzzles.
  ///
  /// - Parameter blanks: nil for those that the size has where nobody asks for others.
  init(_ size: SudokuSize, blanks: ClosedRange<Int>?, batch: Int, seed: UInt64) throws {
    func batches(_ part: SudokuStream.Part) throws -> @Sendable (Int) -> SudokuBatch {
      let stream = try SudokuStream(size: size, seed: seed, blanks: blanks, part: part)
      return { number in SudokuBatch((0..<batch).map { stream[number * batch + $0] }) }
    }
    (training, heldOut) = (try batches(.training), try batches(.heldOut))
  }

  /// Puzzles of a file, those for training in ever new forms.
  init(_ size: SudokuSize, path: String, batch: Int, seed: UInt64) throws {
    let puzzles = try SudokuCSV.read(path: path)
    if let other = puzzles.first(where: { $0.size != size }) {
      throw SudokuByMovesError.wrongSide(path, found: other.size.side, needed: size.side)
    }
    let split: SudokuSplit
    do { split = try SudokuSplit(of: puzzles) } catch { throw SudokuByMovesError.noSplit(path, "\(error)") }
    let training = try SudokuBatches(
      puzzles: puzzles.filter { !split.isHeldOut($0.answer) }, batchSize: batch, seed: seed, augment: true,
      avoiding: split)
    let heldOut = try SudokuBatches(
      puzzles: puzzles.filter { split.isHeldOut($0.answer) }, batchSize: batch, seed: seed, augment: false)
    self.training = { training.batch($0) }
    self.heldOut = { heldOut.batch($0) }
  }
}

/// What a user got wrong about the puzzles.
public enum SudokuByMovesError: Error, Hashable, CustomStringConvertible {
  case wrongSide(String, found: Int, needed: Int)
  case noSplit(String, String)

  public var description: String {
    switch self {
    case .wrongSide(let path, let found, let needed):
      "\(path) has puzzles of side \(found), the preset needs side \(needed); choose another preset"
    case .noSplit(let path, let problem): "\(path): \(problem)"
    }
  }
}
