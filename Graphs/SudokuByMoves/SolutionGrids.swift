import Recurve

/// All 288 full grids of 4x4 Sudoku, and puzzles made of some of them.
///
/// So few grids exist that puzzles drawn at random for training and for validation share them: here a grid is in one of both.
struct SolutionGrids: Sendable {
  static let side = 4
  static let cells = 16
  /// Every full grid, numbers from 1 to 4 row by row, in the order of the numbers.
  static let all: [[UInt8]] = completed(Array(repeating: 0, count: cells), from: 0)
  /// For each cell, the others of its row, its column and its box.
  static let peers: [[Int]] = (0..<cells).map { cell in (0..<cells).filter { $0 != cell && areSeen(cell, $0) } }

  /// Numbers of grids in `all`.
  let numbers: [Int]

  /// The grids for training and those that it never sees, every sixth in a random order: the same for every seed, so that no
  /// run is judged by what another one was trained on.
  static func split() -> (training: SolutionGrids, validation: SolutionGrids) {
    var random = CounterRandom(seed: 0, stream: 0x5D0C)
    let order = random.shuffled(all.indices)
    return (
      SolutionGrids(numbers: order.indices.filter { $0 % 6 != 5 }.map { order[$0] }),
      SolutionGrids(numbers: order.indices.filter { $0 % 6 == 5 }.map { order[$0] })
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

  private static func completed(_ grid: [UInt8], from cell: Int) -> [[UInt8]] {
    if cell == cells { return [grid] }
    return (1...UInt8(side)).flatMap { number -> [[UInt8]] in
      if (0..<cell).contains(where: { areSeen(cell, $0) && grid[$0] == number }) { return [] }
      var next = grid
      next[cell] = number
      return completed(next, from: cell + 1)
    }
  }
}
