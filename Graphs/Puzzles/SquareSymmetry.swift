/// The eight ways to turn and mirror a square.
enum SquareSymmetry {
  static let count = 8

  /// Where a cell of the turned or mirrored square comes from: bit 0 swaps rows with columns, bits 1 and 2 mirror.
  static func source(of cell: Int, in form: Int, side: Int) -> Int {
    var (row, column) = cell.quotientAndRemainder(dividingBy: side)
    if form & 1 != 0 { (row, column) = (column, row) }
    if form & 2 != 0 { row = side - 1 - row }
    if form & 4 != 0 { column = side - 1 - column }
    return row * side + column
  }
}

extension Maze {
  /// The maze turned or mirrored, with its answer.
  ///
  /// - Parameter form: of the eight, from 0, which leaves it as it is.
  public func turned(_ form: Int) -> Maze {
    precondition((0..<SquareSymmetry.count).contains(form), "a square has 8 forms, got number \(form)")
    let sources = question.indices.map { SquareSymmetry.source(of: $0, in: form, side: side) }
    return Maze(unchecked: side, question: sources.map { question[$0] }, answer: sources.map { answer[$0] })
  }
}
