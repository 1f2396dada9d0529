extension SudokuSize {
  /// The cells as an aligned board with lines between the boxes; a blank is a dot.
  ///
  /// ```
  /// 1 . | . 4
  /// . 4 | 1 .
  /// ----+----
  /// . 1 | 4 .
  /// 4 2 | . 1
  /// ```
  public func board(_ cells: [UInt8]) -> String {
    precondition(cells.count == cellCount, "\(self) board needs \(cellCount) cells, got \(cells.count)")
    let bands = stride(from: 0, to: side, by: boxRows).map { firstRow in
      (firstRow..<firstRow + boxRows).map { rowText(cells, row: $0) }.joined(separator: "\n")
    }
    return bands.joined(separator: "\n" + boxSeparator + "\n")
  }

  private func rowText(_ cells: [UInt8], row: Int) -> String {
    let stacks = stride(from: 0, to: side, by: boxColumns).map { firstColumn in
      (firstColumn..<firstColumn + boxColumns)
        .map { Self.text(cells[row * side + $0]) }
        .joined(separator: " ")
    }
    return stacks.joined(separator: " | ")
  }

  private var boxSeparator: String {
    let dashes = String(repeating: "-", count: 2 * boxColumns - 1)
    return Array(repeating: dashes, count: side / boxColumns).joined(separator: "-+-")
  }

  static func text(_ digit: UInt8) -> String {
    digit == 0 ? "." : String(digit)
  }
}
