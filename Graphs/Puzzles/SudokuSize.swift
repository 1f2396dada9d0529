/// The shape of a Sudoku: a square of `side` cells a side, cut into boxes of `side` cells.
public struct SudokuSize: Sendable, Hashable {
  /// Rows of one box.
  public let boxRows: Int
  /// Columns of one box.
  public let boxColumns: Int

  public static let four = SudokuSize(boxRows: 2, boxColumns: 2)
  public static let six = SudokuSize(boxRows: 2, boxColumns: 3)
  public static let nine = SudokuSize(boxRows: 3, boxColumns: 3)
  public static let all = [four, six, nine]

  private init(boxRows: Int, boxColumns: Int) {
    self.boxRows = boxRows
    self.boxColumns = boxColumns
  }

  public init(side: Int) throws(SudokuSizeError) {
    guard let size = Self.all.first(where: { $0.side == side }) else {
      throw SudokuSizeError(side: side)
    }
    self = size
  }

  /// The size with that many cells, if there is one.
  init?(cellCount: Int) {
    guard let size = Self.all.first(where: { $0.cellCount == cellCount }) else { return nil }
    self = size
  }

  /// Cells in a row, column or box, which is also the largest digit.
  public var side: Int { boxRows * boxColumns }

  public var cellCount: Int { side * side }

  /// Tokens of a model: pad, blank and the digits.
  public var vocabularyCount: Int { side + 2 }

  /// Transposing a board keeps its boxes only if they are square.
  public var hasSquareBoxes: Bool { boxRows == boxColumns }
}

extension SudokuSize: CustomStringConvertible {
  public var description: String { "\(side)x\(side)" }
}

/// A side for which there is no Sudoku size.
public struct SudokuSizeError: Error, Hashable, CustomStringConvertible {
  public let side: Int

  public var description: String { "sudoku side must be 4, 6 or 9, got \(side)" }
}
