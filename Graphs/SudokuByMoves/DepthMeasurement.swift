import Puzzles
import Recurve

/// How many of the blanks are right after so many moves.
public struct DepthMeasurement: Sendable, Hashable, Codable {
  public var moves: Int
  /// Right cells over blanks.
  public var accuracy: Double
  /// What no model can exceed: one cell a move.
  public var ceiling: Double
  /// The share of the moves made so far that wrote the right number.
  public var precision: Double
  /// The share of puzzles that are solved.
  public var solved: Double
}

extension SudokuByMovesTask {
  /// Plays held-out puzzles to each depth: the loop of moves is one program, in which the grid stays.
  ///
  /// - Parameters:
  ///   - store: the weights of the task's model.
  ///   - depths: numbers of moves.
  /// - Throws: `MovePuzzlesError.nothingToFill` and what the compiler throws.
  func measured(_ store: ParameterStore, depths: [Int], batches: Int) throws -> [DepthMeasurement] {
    guard let model = model as? SudokuByMoves else { return [] }
    let shape: Shape = ["B": batchSize, "S": size.cellCount]
    let program = try store.program("moves") { io in
      ["grid": model.played(io("grid", shape, .int32), moves: io("moves", [], .int32))]
    }
    return try depths.map { depth in
      var sums = DepthSums(moves: depth)
      for number in 0..<min(batches, heldOutBatchCount) {
        let puzzles = heldOutPuzzles(number)
        let grid = HostTensor(shape, puzzles.inputs.map { $0 - 1 })
        let results = try program(["grid": grid, "moves": HostTensor(.scalar, [Int32(depth)])])
        let played = results["grid"]?.integers ?? []
        let count = min(played.count, newCount(inBatch: number) * size.cellCount)
        for start in stride(from: 0, to: count, by: size.cellCount) {
          sums.add(puzzles, played, start..<start + size.cellCount)
        }
      }
      return try sums.measurement
    }
  }
}

/// Counts over puzzles that were played to one depth.
private struct DepthSums {
  let moves: Int
  private var (blanks, reachable, right, made, solved, puzzles) = (0, 0, 0, 0, 0, 0)

  init(moves: Int) { self.moves = moves }

  /// - Parameter cells: of one puzzle.
  mutating func add(_ batch: SudokuBatch, _ played: [Int32], _ cells: Range<Int>) {
    let own = cells.filter { batch.inputs[$0] == SudokuBatch.token(0) }
    let rightHere = own.count { played[$0] + 1 == batch.labels[$0] }
    blanks += own.count
    reachable += min(moves, own.count)
    right += rightHere
    made += own.count { played[$0] != 0 }
    solved += rightHere == own.count ? 1 : 0
    puzzles += 1
  }

  /// - Throws: `MovePuzzlesError.nothingToFill`.
  var measurement: DepthMeasurement {
    get throws {
      if blanks == 0 { throw MovePuzzlesError.nothingToFill(count: puzzles) }
      return DepthMeasurement(
        moves: moves, accuracy: Double(right) / Double(blanks), ceiling: Double(reachable) / Double(blanks),
        precision: made == 0 ? 0 : Double(right) / Double(made), solved: Double(solved) / Double(puzzles))
    }
  }
}
