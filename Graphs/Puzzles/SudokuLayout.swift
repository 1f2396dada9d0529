/// Which cells share a row, column or box: the tables that the solver and the checks walk.
///
/// Units are numbered rows first, then columns, then boxes: `3 * side` in all.
struct SudokuLayout: Sendable {
  let size: SudokuSize
  /// The row, column and box unit of each cell: three entries a cell.
  let unitsOfCell: [Int]
  /// The cells of each unit: `side` entries a unit.
  let cellsOfUnit: [Int]

  var unitCount: Int { 3 * size.side }

  /// The layout of a size, built once.
  static func of(_ size: SudokuSize) -> SudokuLayout {
    switch size {
    case .four: four
    case .six: six
    default: nine
    }
  }

  func units(of cell: Int) -> ArraySlice<Int> {
    unitsOfCell[3 * cell..<3 * cell + 3]
  }

  func cells(of unit: Int) -> ArraySlice<Int> {
    cellsOfUnit[unit * size.side..<(unit + 1) * size.side]
  }

  /// "row 3", "column 1" or "box 9", counted from one.
  func name(ofUnit unit: Int) -> String {
    ["row", "column", "box"][unit / size.side] + " \(unit % size.side + 1)"
  }

  private static let four = SudokuLayout(.four)
  private static let six = SudokuLayout(.six)
  private static let nine = SudokuLayout(.nine)

  private init(_ size: SudokuSize) {
    self.size = size
    let unitsOfCell = (0..<size.cellCount).flatMap { Self.units(of: $0, size) }
    self.unitsOfCell = unitsOfCell
    cellsOfUnit = (0..<3 * size.side).flatMap { unit in
      (0..<size.cellCount).filter { unitsOfCell[3 * $0..<3 * $0 + 3].contains(unit) }
    }
  }

  private static func units(of cell: Int, _ size: SudokuSize) -> [Int] {
    let (row, column) = cell.quotientAndRemainder(dividingBy: size.side)
    let boxesInBand = size.side / size.boxColumns
    let box = row / size.boxRows * boxesInBand + column / size.boxColumns
    return [row, size.side + column, 2 * size.side + box]
  }
}
