/// Solves Sudoku boards and measures how hard they are.
///
/// Cells are row by row, 0 for a blank. Cells that do not fit the size, or that repeat a digit in a row,
/// column or box, have no solution.
public struct SudokuSolver: Sendable, Hashable {
  public init() {}

  /// A solution, or nil if there is none; the same one every time if there are several.
  public func solve(_ cells: [UInt8], size: SudokuSize) -> [UInt8]? {
    solved(cells, size: size)?.cells
  }

  /// The number of solutions, but at most `limit`: 2 is enough to tell whether a puzzle is proper.
  public func solutionCount(_ cells: [UInt8], size: SudokuSize, atMost limit: Int = 2) -> Int {
    guard var search = SudokuSearch(cells, size: size) else { return 0 }
    return search.countSolutions(atMost: limit)
  }

  /// The solutions themselves, in an order of their own, at most `limit`.
  public func solutions(_ cells: [UInt8], size: SudokuSize, atMost limit: Int) -> [[UInt8]] {
    solutions(cells, size: size, atMost: limit, guesses: .max) ?? []
  }

  /// - Parameter guesses: after which the search ends; some boards without a solution keep it busy for hours.
  /// - Returns: nil where it ended before it found any.
  public func solutions(
    _ cells: [UInt8], size: SudokuSize, atMost limit: Int, guesses: Int
  ) -> [[UInt8]]? {
    guard var search = SudokuSearch(cells, size: size) else { return [] }
    (search.keepsAll, search.guessLimit) = (true, guesses)
    _ = search.countSolutions(atMost: limit)
    return search.isGivenUp && search.solutions.isEmpty ? nil : search.solutions
  }

  /// Values tried beyond singles until the first solution; 0 if singles suffice, nil without a solution.
  public func guessCount(_ cells: [UInt8], size: SudokuSize) -> Int? {
    solved(cells, size: size)?.guessCount
  }

  private func solved(_ cells: [UInt8], size: SudokuSize) -> (cells: [UInt8], guessCount: Int)? {
    guard var search = SudokuSearch(cells, size: size) else { return nil }
    _ = search.countSolutions(atMost: 1)
    return search.firstSolution.map { ($0, search.guessCount) }
  }

  /// Whether the technique alone fills the board, which also proves the solution unique.
  func suffices(_ technique: SudokuSearch.Technique, for cells: [UInt8], size: SudokuSize) -> Bool {
    guard var search = SudokuSearch(cells, size: size, technique: technique) else { return false }
    return search.fillSingles() && search.isSolved
  }
}
