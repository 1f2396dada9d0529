extension SudokuSize {
  /// For each cell, the others of its row, its column and its box, which cannot have its digit.
  public var peers: [[Int]] {
    let layout = SudokuLayout.of(self)
    return (0..<cellCount).map { cell in
      Set(layout.units(of: cell).flatMap { layout.cells(of: $0) }).subtracting([cell]).sorted()
    }
  }
}
