import TensorTypes

/// An endless sequence of batches, each a pure function of seed and index.
///
/// Every epoch is a new random order of all puzzles. Epochs follow each other without a gap: a batch may
/// hold the end of one and the start of the next, so that every batch is full and no puzzle is dropped. No
/// state is kept, so that a run resumed at an index sees what the unbroken run would have seen.
public struct SudokuBatches: Sendable {
  public let puzzles: [SudokuPuzzle]
  public let size: SudokuSize
  public let batchSize: Int
  public let seed: UInt64
  /// Whether each appearance of a puzzle is changed by a fresh `SudokuAugmentation`.
  public let augment: Bool

  public init(puzzles: [SudokuPuzzle], batchSize: Int, seed: UInt64, augment: Bool)
    throws(SudokuBatchesError)
  {
    guard let size = puzzles.first?.size else { throw .noPuzzles }
    guard batchSize > 0 else { throw .batchSize(batchSize) }
    if let other = puzzles.firstIndex(where: { $0.size != size }) {
      throw .mixedSizes(first: size, other: puzzles[other].size, index: other)
    }
    self.puzzles = puzzles
    self.size = size
    self.batchSize = batchSize
    self.seed = seed
    self.augment = augment
  }

  /// Batches until every puzzle has appeared; the last of them may already hold puzzles of the next epoch.
  public var batchesPerEpoch: Int { (puzzles.count + batchSize - 1) / batchSize }

  public func batch(_ index: Int) -> SudokuBatch {
    precondition(index >= 0, "batch index must not be negative, got \(index)")
    let positions = index * batchSize..<(index + 1) * batchSize
    var epoch = positions.lowerBound / puzzles.count
    var order = self.order(epoch: epoch)
    return SudokuBatch(
      positions.map { position in
        if position / puzzles.count != epoch {
          epoch = position / puzzles.count
          order = self.order(epoch: epoch)
        }
        return augmented(puzzles[order[position % puzzles.count]], position: position)
      })
  }

  private func order(epoch: Int) -> ShuffledOrder {
    ShuffledOrder(count: puzzles.count, seed: seed, stream: UInt64(epoch))
  }

  private func augmented(_ puzzle: SudokuPuzzle, position: Int) -> SudokuPuzzle {
    guard augment else { return puzzle }
    // The complement keeps these streams apart from those of the orders.
    var random = CounterRandom(seed: seed, stream: ~UInt64(position))
    return SudokuAugmentation(size: size, using: &random).applied(to: puzzle)
  }
}

/// What keeps puzzles from being batched.
public enum SudokuBatchesError: Error, Hashable, Sendable, CustomStringConvertible {
  case noPuzzles
  case batchSize(Int)
  case mixedSizes(first: SudokuSize, other: SudokuSize, index: Int)

  public var description: String {
    switch self {
    case .noPuzzles:
      "batches need at least 1 puzzle, got 0"
    case .batchSize(let found):
      "batch size must be at least 1, got \(found)"
    case .mixedSizes(let first, let other, let index):
      "puzzles of a batch must have one size, got \(first) at index 0 and \(other) at index \(index)"
    }
  }
}
