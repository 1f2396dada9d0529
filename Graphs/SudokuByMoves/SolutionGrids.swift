import Puzzles
import Recurve

/// All 288 full grids of 4x4 Sudoku, and puzzles made of some of them.
///
/// So few grids exist that puzzles drawn at random for training and for validation share them: here a grid is in one of both.
struct SolutionGrids: Sendable {
  static let side = 4
  static let cells = 16
  /// Every full grid, numbers from 1 to 4 row by row, in the order of the numbers.
  static let all: [[UInt8]] = SudokuSolver().solutions(Array(repeating: 0, count: cells), size: .four, atMost: 288)
    .sorted { $0.lexicographicallyPrecedes($1) }
  /// For each cell, the others of its row, its column and its box.
  static let peers: [[Int]] = (0..<cells).map { cell in (0..<cells).filter { $0 != cell && areSeen(cell, $0) } }

  /// Numbers of grids in `all`.
  let numbers: [Int]

  /// The grids for training and the 58 that it never sees: those that other models of 4x4 Sudoku hold out, too.
  static func split() -> (training: SolutionGrids, validation: SolutionGrids) {
    let split = SudokuSplit(size: .four)
    return (
      SolutionGrids(numbers: all.indices.filter { !split.isHeldOut(all[$0]) }),
      SolutionGrids(numbers: all.indices.filter { split.isHeldOut(all[$0]) })
    )
  }

  /// A puzzle with one answer: cells of a random grid are blanked at random, and again where another grid fits too.
  func puzzle(blanks: Int, _ random: inout CounterRandom) -> (question: [UInt8], answer: [UInt8]) {
    while true {
      let answer = Self.all[numbers[random.index(below: numbers.count)]]
      var question = answer
      for cell in random.shuffled(0..<Self.cells).prefix(blanks) { question[cell] = 0 }
      if Self.all.count(where: { Self.fits(question, $0) }) == 1 { return (question, answer) }
    }
  }

  static func fits(_ question: [UInt8], _ answer: [UInt8]) -> Bool {
    zip(question, answer).allSatisfy { $0 == 0 || $0 == $1 }
  }

  static func areSeen(_ a: Int, _ b: Int) -> Bool {
    a / side == b / side || a % side == b % side || box(a) == box(b)
  }

  private static func box(_ cell: Int) -> Int { cell / (2 * side) * 2 + cell % side / 2 }
}
