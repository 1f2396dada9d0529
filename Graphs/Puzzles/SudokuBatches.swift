import TensorTypes

/// An endless sequence of batches, each a pure function of seed and index.
///
/// Every epoch is a new random order of all puzzles, and batches have no gap between epochs (`PuzzleEpochs`).
public struct SudokuBatches: Sendable {
  public let puzzles: [SudokuPuzzle]
  public let size: SudokuSize
  public let batchSize: Int
  public let seed: UInt64
  /// Whether each appearance of a puzzle is changed by a fresh `SudokuAugmentation`.
  public let augment: Bool
  /// Holds solutions out: an augmentation that leads to one of them is drawn again.
  private let split: SudokuSplit?

  /// - Parameter split: solutions that no batch may have; nil for none.
  public init(
    puzzles: [SudokuPuzzle], batchSize: Int, seed: UInt64, augment: Bool, avoiding split: SudokuSplit? = nil
  ) throws(SudokuBatchesError) {
    guard let size = puzzles.first?.size else { throw .noPuzzles }
    guard batchSize > 0 else { throw .batchSize(batchSize) }
    if let other = puzzles.firstIndex(where: { $0.size != size }) {
      throw .mixedSizes(first: size, other: puzzles[other].size, index: other)
    }
    if let split, let index = puzzles.firstIndex(where: { split.isHeldOut($0.answer) }) { throw .heldOut(index: index) }
    self.puzzles = puzzles
    self.size = size
    self.batchSize = batchSize
    self.seed = seed
    self.augment = augment
    self.split = split
  }

  /// Batches until every puzzle has appeared; the last of them may already hold puzzles of the next epoch.
  public var batchesPerEpoch: Int { (puzzles.count + batchSize - 1) / batchSize }

  public func batch(_ index: Int) -> SudokuBatch { batch(index, rows: Array(0..<batchSize)) }

  /// Some rows of a batch, at the cost of these.
  public func batch(_ index: Int, rows: [Int]) -> SudokuBatch {
    let epochs = PuzzleEpochs(count: puzzles.count, batchSize: batchSize, seed: seed)
    return SudokuBatch(
      epochs.rows(rows, ofBatch: index).map { augmented(puzzles[$0.puzzle], position: $0.position) })
  }

  private func augmented(_ puzzle: SudokuPuzzle, position: Int) -> SudokuPuzzle {
    guard augment else { return puzzle }
    // The complement keeps these streams apart from those of the orders.
    var random = CounterRandom(seed: seed, stream: ~UInt64(position))
    while true {
      let changed = SudokuAugmentation(size: size, using: &random).applied(to: puzzle)
      // It ends: the change that leaves the puzzle as it is may be drawn as well.
      if split?.isHeldOut(changed.answer) != true { return changed }
    }
  }
}

/// What keeps puzzles from being batched.
public enum SudokuBatchesError: Error, Hashable, Sendable, CustomStringConvertible {
  case noPuzzles
  case batchSize(Int)
  case mixedSizes(first: SudokuSize, other: SudokuSize, index: Int)
  case heldOut(index: Int)

  public var description: String {
    switch self {
    case .noPuzzles:
      "batches need at least 1 puzzle, got 0"
    case .batchSize(let found):
      "batch size must be at least 1, got \(found)"
    case .mixedSizes(let first, let other, let index):
      "puzzles of a batch must have one size, got \(first) at index 0 and \(other) at index \(index)"
    case .heldOut(let index):
      "puzzles of a batch must not be held out, the one at index \(index) is"
    }
  }
}
