/// The puzzles of a file, apart by solution: those for training in ever new forms, and those that training never sees.
public struct SudokuFile: Sendable {
  public let training: SudokuBatches
  public let heldOut: SudokuBatches
  /// Puzzles that are held out: later ones of their batches are these again.
  public let heldOutCount: Int
  /// How hard the file says that held-out puzzles are (guesses or rating), by their questions.
  public let difficulties: [[UInt8]: Int]

  /// - Throws: `PuzzleFileError`, `SudokuFileError`.
  public init(_ size: SudokuSize, path: String, batch: Int, seed: UInt64) throws {
    let puzzles = try SudokuCSV.read(path: path)
    if let other = puzzles.first(where: { $0.size != size }) {
      throw SudokuFileError.wrongSide(path, found: other.size.side, needed: size.side)
    }
    let split: SudokuSplit
    do { split = try SudokuSplit(of: puzzles) } catch { throw SudokuFileError.noSplit(path, "\(error)") }
    let heldOut = puzzles.filter { split.isHeldOut($0.answer) }
    training = try SudokuBatches(
      puzzles: puzzles.filter { !split.isHeldOut($0.answer) }, batchSize: batch, seed: seed, augment: true,
      avoiding: split)
    self.heldOut = try SudokuBatches(puzzles: heldOut, batchSize: batch, seed: seed, augment: false)
    heldOutCount = heldOut.count
    difficulties = Dictionary(heldOut.map { ($0.question, $0.difficulty) }) { first, _ in first }
  }
}

/// A file whose puzzles a model cannot learn from.
public enum SudokuFileError: Error, Hashable, CustomStringConvertible {
  case wrongSide(String, found: Int, needed: Int)
  case noSplit(String, String)

  public var description: String {
    switch self {
    case .wrongSide(let path, let found, let needed):
      "\(path) has puzzles of side \(found), the preset needs side \(needed); choose another one with --preset"
    case .noSplit(let path, let problem): "\(path): \(problem)"
    }
  }
}
