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
  /// - Parameter store: the weights of the task's model.
  /// - Throws: what the compiler throws.
  func measured(_ store: ParameterStore, depths: [Int], batches: Int) throws -> [DepthMeasurement] {
    guard let model = model as? SudokuByMoves else { return [] }
    let shape: Shape = ["B": batchSize, "S": SolutionGrids.cells]
    let program = try store.program("moves") { io in
      ["grid": model.played(io("grid", shape, .int32), moves: io("moves", [], .int32))]
    }
    return try depths.map { depth in
      var sums = (right: 0, made: 0, solved: 0, puzzles: 0)
      for number in 0..<batches {
        let puzzles = heldOutPuzzles(number)
        let grid = HostTensor(shape, puzzles.flatMap { $0.question.map(Int32.init) })
        let results = try program(["grid": grid, "moves": HostTensor(.scalar, [Int32(depth)])])
        let played = results["grid"]?.integers ?? []
        for (index, puzzle) in puzzles.enumerated() {
          let blanks = puzzle.question.indices.filter { puzzle.question[$0] == 0 }
          let numbers = blanks.map { played[index * SolutionGrids.cells + $0] }
          let right = zip(blanks, numbers).count { Int32(puzzle.answer[$0.0]) == $0.1 }
          sums.right += right
          sums.made += numbers.count { $0 != 0 }
          sums.solved += right == blanks.count ? 1 : 0
          sums.puzzles += 1
        }
      }
      let blanks = Double(sums.puzzles * Self.blanks)
      return DepthMeasurement(
        moves: depth, accuracy: Double(sums.right) / blanks, ceiling: min(1, Double(depth) / Double(Self.blanks)),
        precision: sums.made == 0 ? 0 : Double(sums.right) / Double(sums.made),
        solved: Double(sums.solved) / Double(sums.puzzles))
    }
  }
}
