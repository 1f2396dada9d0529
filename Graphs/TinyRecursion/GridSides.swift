import Puzzles
import Recurve

/// How many cells a grid has a side, as `--set side=15` says it.
extension TinyRecursion {
  /// The name of the setting.
  static let side = "side"

  static let sideSetting = ModelSetting(
    side, "Cells a side of the grid: 4, 6 or 9 of Sudokus, 5 to 30 of mazes, at most 30 of tasks.",
    .wholeNumbers(1...ARCGrid.largestSide), standard: "\(Sizes.nano.side)")
}

extension TinyRecursion.Sizes {
  /// The same model over grids of another side: width and inner width stay, the weights of a mixer become others.
  ///
  /// - Throws: `ModelFamilyError.setting` for a side that the puzzles do not have.
  func resized(toSide side: Int) throws -> TinyRecursion.Sizes {
    guard sides.numbers.contains(side) else {
      throw ModelFamilyError.setting(TinyRecursion.side, found: "\(side)", needed: sides.needed)
    }
    var sizes = self
    sizes.cells = side * side
    if puzzle == .sudoku { sizes.vocabulary = side + 2 }
    return sizes
  }

  private var sides: (numbers: [Int], needed: String) {
    switch puzzle {
    case .sudoku: (SudokuSize.all.map(\.side), "4, 6 or 9, as Sudokus have")
    case .maze: (Array(Maze.sides), "\(Maze.sides.lowerBound) to \(Maze.sides.upperBound), as mazes have")
    case .arc: (Array(1...ARCGrid.largestSide), "1 to \(ARCGrid.largestSide), as tasks have")
    }
  }
}
