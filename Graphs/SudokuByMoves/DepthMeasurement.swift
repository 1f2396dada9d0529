import Puzzles
import Recurve

/// How many of the blanks are right after so many steps.
public struct DepthMeasurement: Sendable, Hashable, Codable {
  /// Moves, or supervision steps.
  public var depth: Int
  /// Right cells over blanks.
  public var accuracy: Double
  /// What no model of its kind can exceed, one cell a move; nil where a step may fill all cells.
  public var ceiling: Double?
  /// The share of the blanks filled so far that have the right number.
  public var precision: Double
  /// The share of puzzles that are right in every cell.
  public var solved: Double
}

extension SudokuPlayer {
  /// Plays held-out puzzles to each depth.
  ///
  /// - Parameters:
  ///   - depths: numbers of steps.
  ///   - batches: of puzzles, at most; none is played twice.
  /// - Throws: `MovePuzzlesError.nothingToFill` and what the program throws.
  func measured(on puzzles: MovePuzzles, depths: [Int], batches: Int) throws -> [DepthMeasurement] {
    var sums = depths.map { DepthSums(depth: $0, cellsPerStep: cellsPerStep) }
    let cells = puzzles.size.cellCount
    for number in 0..<min(batches, puzzles.heldOutBatchCount) {
      let batch = puzzles.heldOut(number)
      for (place, grid) in try played(batch, to: depths).enumerated() {
        let count = min(grid.count, puzzles.newCount(inBatch: number) * cells)
        for start in stride(from: 0, to: count, by: cells) { sums[place].add(batch, grid, start..<start + cells) }
      }
    }
    return try sums.map { try $0.measurement }
  }
}

/// Counts over puzzles that were played to one depth.
private struct DepthSums {
  let depth: Int
  let cellsPerStep: Int?
  private var (blanks, reachable, right, made, solved, puzzles) = (0, 0, 0, 0, 0, 0)

  init(depth: Int, cellsPerStep: Int?) { (self.depth, self.cellsPerStep) = (depth, cellsPerStep) }

  /// - Parameter cells: of one puzzle.
  mutating func add(_ batch: SudokuBatch, _ played: [Int32], _ cells: Range<Int>) {
    func isRight(_ cell: Int) -> Bool { played[cell] + 1 == batch.labels[cell] }
    let own = cells.filter { batch.inputs[$0] == SudokuBatch.token(0) }
    blanks += own.count
    reachable += min(depth * (cellsPerStep ?? 0), own.count)
    right += own.count(where: isRight)
    made += own.count { played[$0] != 0 }
    // What is given may be said otherwise where all cells are.
    solved += cells.allSatisfy(isRight) ? 1 : 0
    puzzles += 1
  }

  /// - Throws: `MovePuzzlesError.nothingToFill`.
  var measurement: DepthMeasurement {
    get throws {
      if blanks == 0 { throw MovePuzzlesError.nothingToFill(count: puzzles) }
      return DepthMeasurement(
        depth: depth, accuracy: Double(right) / Double(blanks),
        ceiling: cellsPerStep.map { _ in Double(reachable) / Double(blanks) },
        precision: made == 0 ? 0 : Double(right) / Double(made), solved: Double(solved) / Double(puzzles))
    }
  }
}
