import TensorTypes

/// A change of a task that keeps its rule in most cases: the square's eight symmetries, and colours renamed. Black, colour 0,
/// stays black.
public struct ARCAugmentation: Sendable, Hashable {
  /// 0 identity, 1 to 3 turned left by as many quarters, 4 mirrored left and right, 5 up and down, 6 transposed, 7
  /// transposed along the other diagonal: the numbers that the published code has.
  public let symmetry: Int
  /// The new name of each colour.
  public let colors: [UInt8]

  public init(symmetry: Int, colors: [UInt8]) {
    precondition((0..<8).contains(symmetry) && colors.sorted() == Array(0...9), "no symmetry or no renaming")
    (self.symmetry, self.colors) = (symmetry, colors)
  }

  public static let identity = ARCAugmentation(symmetry: 0, colors: Array(0...9))

  public init(using random: inout CounterRandom) {
    self.init(symmetry: random.index(below: 8), colors: [0] + random.shuffled(1...9))
  }

  /// The change that undoes this one.
  public var inverse: ARCAugmentation {
    var back = colors
    for (old, new) in colors.enumerated() { back[Int(new)] = UInt8(old) }
    // A quarter and three quarters undo each other, every other symmetry undoes itself.
    return ARCAugmentation(symmetry: [0, 3, 2, 1, 4, 5, 6, 7][symmetry], colors: back)
  }

  public func applied(to grid: ARCGrid) -> ARCGrid {
    let isTurned = [1, 3, 6, 7].contains(symmetry)
    let (rows, columns) = isTurned ? (grid.columns, grid.rows) : (grid.rows, grid.columns)
    let cells = (0..<rows).flatMap { row in
      (0..<columns).map { column in
        let (oldRow, oldColumn) = source(row, column, grid)
        return colors[Int(grid[oldRow, oldColumn])]
      }
    }
    return ARCGrid(rows: rows, columns: columns, cells: cells)
  }

  /// Where a cell of the result comes from.
  private func source(_ row: Int, _ column: Int, _ grid: ARCGrid) -> (Int, Int) {
    let (lastRow, lastColumn) = (grid.rows - 1, grid.columns - 1)
    switch symmetry {
    case 1: return (column, lastColumn - row)
    case 2: return (lastRow - row, lastColumn - column)
    case 3: return (lastRow - column, row)
    case 4: return (row, lastColumn - column)
    case 5: return (lastRow - row, column)
    case 6: return (column, row)
    case 7: return (lastRow - column, lastColumn - row)
    default: return (row, column)
    }
  }
}

/// Grids on a square canvas as the tokens a model reads: 0 pad, 1 end, colour + 2. A row of ends below the grid and a column
/// of ends beside it say where it stops.
public struct ARCCanvas: Sendable, Hashable {
  /// Cells a side.
  public let side: Int

  public static let vocabularyCount = 12

  public init(side: Int) { self.side = side }

  /// - Parameters:
  ///   - row: of the grid's first row on the canvas; 0 where evaluation puts it.
  ///   - column: of its first column.
  public func tokens(_ grid: ARCGrid, row: Int = 0, column: Int = 0) -> [Int32] {
    precondition(row + grid.rows <= side && column + grid.columns <= side, "the grid must be within the canvas")
    var tokens = Array(repeating: Int32(0), count: side * side)
    for r in 0..<grid.rows {
      for c in 0..<grid.columns { tokens[(row + r) * side + column + c] = Int32(grid[r, c]) + 2 }
    }
    let (below, beside) = (row + grid.rows, column + grid.columns)
    if below < side { for c in column..<beside { tokens[below * side + c] = 1 } }
    if beside < side { for r in row..<below { tokens[r * side + beside] = 1 } }
    return tokens
  }

  /// The largest rectangle from the first cell on that holds colours alone; nil where the first cell holds none.
  public func grid(_ tokens: [Int32]) -> ARCGrid? {
    func isColor(_ row: Int, _ column: Int) -> Bool { (2..<12).contains(tokens[row * side + column]) }
    var best = (rows: 0, columns: 0)
    var columns = side
    for row in 0..<side {
      columns = (0..<columns).first { !isColor(row, $0) } ?? columns
      if columns == 0 { break }
      if (row + 1) * columns > best.rows * best.columns { best = (row + 1, columns) }
    }
    if best.rows == 0 { return nil }
    let cells = (0..<best.rows).flatMap { row in (0..<best.columns).map { UInt8(tokens[row * side + $0] - 2) } }
    return ARCGrid(rows: best.rows, columns: best.columns, cells: cells)
  }
}

/// Answers to one question in many forms, each undone, put to the vote.
public struct ARCVote: Sendable {
  private var ballots: [ARCGrid: (count: Int, certainty: Double)] = [:]

  public init() {}

  /// - Parameter certainty: the halting probability that came with the answer.
  public mutating func add(_ answer: ARCGrid, certainty: Double) {
    let known = ballots[answer] ?? (0, 0)
    ballots[answer] = (known.count + 1, known.certainty + certainty)
  }

  /// The grids that most answers agree on, of equals the surer ones first.
  public func ranking(_ count: Int = 2) -> [ARCGrid] {
    let ranked = ballots.sorted { first, second in
      let (a, b) = (first.value, second.value)
      let (sureA, sureB) = (a.certainty / Double(a.count), b.certainty / Double(b.count))
      if (a.count, sureA) != (b.count, sureB) { return (a.count, sureA) > (b.count, sureB) }
      // Equal in all, rows and then the order of the cells decide, so that the same answers have the same ranking.
      return first.key.rows == second.key.rows
        ? first.key.cells.lexicographicallyPrecedes(second.key.cells) : first.key.rows < second.key.rows
    }
    return ranked.prefix(count).map(\.key)
  }
}
