import TensorTypes

/// An endless sequence of batches of mazes, each a pure function of seed and index, in epochs as `SudokuBatches` has them.
public struct MazeBatches: Sendable {
  public let mazes: [Maze]
  /// Whether each appearance of a maze is in one of its eight forms, drawn anew.
  public let turns: Bool
  private let seed: UInt64
  private let epochs: PuzzleEpochs

  /// - Parameters:
  ///   - mazes: at least one.
  ///   - batchSize: at least 1.
  init(_ mazes: [Maze], batchSize: Int, seed: UInt64, turns: Bool) {
    precondition(!mazes.isEmpty && batchSize > 0, "got \(mazes.count) mazes in batches of \(batchSize)")
    (self.mazes, self.seed, self.turns) = (mazes, seed, turns)
    epochs = PuzzleEpochs(count: mazes.count, batchSize: batchSize, seed: seed)
  }

  /// Some rows of a batch, at the cost of these.
  public func batch(_ index: Int, rows: [Int]) -> [Maze] {
    epochs.rows(rows, ofBatch: index).map { maze, position in
      guard turns else { return mazes[maze] }
      // The complement keeps these streams apart from those of the orders.
      var random = CounterRandom(seed: seed, stream: ~UInt64(position))
      return mazes[maze].turned(random.index(below: SquareSymmetry.count))
    }
  }
}
