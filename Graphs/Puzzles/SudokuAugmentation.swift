import TensorTypes

/// A change of a board that keeps it a Sudoku: digits renamed, rows and columns moved, perhaps transposed.
///
/// Bands and the rows inside each are permuted, likewise stacks and columns. A 6x6 board is never transposed,
/// because its boxes are not square.
public struct SudokuAugmentation: Sendable, Hashable {
  public let size: SudokuSize
  /// The new name of each digit; a blank stays blank.
  public let digits: [UInt8]
  /// Cell `i` of the result is cell `sources[i]` of the original.
  public let sources: [Int]

  public init(size: SudokuSize, using random: inout CounterRandom) {
    self.size = size
    digits = [0] + random.shuffled(1...UInt8(size.side))
    let isTransposed = size.hasSquareBoxes && random.index(below: 2) == 1
    let rows = Self.lines(side: size.side, groupSize: size.boxRows, using: &random)
    let columns = Self.lines(side: size.side, groupSize: size.boxColumns, using: &random)
    sources = rows.flatMap { row in
      columns.map { isTransposed ? $0 * size.side + row : row * size.side + $0 }
    }
  }

  /// The puzzle with the same change made to question and answer.
  public func applied(to puzzle: SudokuPuzzle) -> SudokuPuzzle {
    SudokuPuzzle(
      unchecked: size, question: applied(to: puzzle.question), answer: applied(to: puzzle.answer),
      difficulty: puzzle.difficulty)
  }

  public func applied(to cells: [UInt8]) -> [UInt8] {
    let count = size.cellCount
    precondition(cells.count == count, "\(size) board needs \(count) cells, got \(cells.count)")
    return sources.map { digits[Int(cells[$0])] }
  }

  /// The rows (or columns) in an order that keeps each group of `groupSize` together.
  private static func lines(side: Int, groupSize: Int, using random: inout CounterRandom) -> [Int] {
    var result: [Int] = []
    for group in random.shuffled(0..<side / groupSize) {
      result += random.shuffled(group * groupSize..<(group + 1) * groupSize)
    }
    return result
  }
}
