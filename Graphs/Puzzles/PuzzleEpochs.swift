/// Which puzzle each row of an endless sequence of batches has.
///
/// Every epoch is a new random order of all puzzles. Epochs follow each other without a gap: a batch may
/// hold the end of one and the start of the next, so that every batch is full and no puzzle is dropped. No
/// state is kept, so that a run resumed at an index sees what the unbroken run would have seen.
struct PuzzleEpochs: Sendable {
  /// Puzzles of an epoch, at least one.
  let count: Int
  let batchSize: Int
  let seed: UInt64

  /// The puzzles of some rows of a batch, at the cost of these, each with its position in the sequence.
  func rows(_ rows: [Int], ofBatch index: Int) -> [(puzzle: Int, position: Int)] {
    precondition(index >= 0, "batch index must not be negative, got \(index)")
    var epoch = index * batchSize / count
    var order = self.order(epoch: epoch)
    return rows.map { row in
      let position = index * batchSize + row
      if position / count != epoch {
        epoch = position / count
        order = self.order(epoch: epoch)
      }
      return (order[position % count], position)
    }
  }

  private func order(epoch: Int) -> ShuffledOrder { ShuffledOrder(count: count, seed: seed, stream: UInt64(epoch)) }
}
