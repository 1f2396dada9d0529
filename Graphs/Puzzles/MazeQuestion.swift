/// A maze as somebody typed it, a line a row:
///
///     S.###
///     #.#.#
///     #...#
///     ###.#
///     ###G#
public struct MazeQuestion: Sendable, Hashable {
  /// Cells a side.
  public let side: Int
  /// Row by row, without a path.
  public let cells: [Maze.Cell]

  /// Reads `#` for a wall, a space or `.` for an open cell, `S` and `G` for start and goal. Rows are lines, or stand between
  /// slashes; empty lines after the last one say nothing.
  ///
  /// - Throws: with line and column, when rows differ in length or are not as many as the cells of one, when a character is no
  ///   cell, when there is not one start and one goal, or no way between them.
  public init(_ text: String) throws(MazeQuestionError) {
    var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline || $0 == "/" }
    while lines.last?.isEmpty == true { lines.removeLast() }
    try self.init(cells: try Self.cells(of: lines, allowsPath: false))
  }

  /// - Parameter cells: of a square, none of them a path.
  init(cells: [Maze.Cell]) throws(MazeQuestionError) {
    (side, self.cells) = (Self.side(cells), cells)
    try check(.start)
    try check(.goal)
    if shortestWay == nil { throw .noWay }
  }

  private static func side(_ cells: [Maze.Cell]) -> Int { Int(Double(cells.count).squareRoot().rounded()) }

  private func check(_ cell: Maze.Cell) throws(MazeQuestionError) {
    let places = cells.indices.filter { cells[$0] == cell }
    guard let first = places.first else { throw .missing(cell) }
    guard places.count == 1 else {
      throw .repeated(
        cell, line: places[1] / side + 1, column: places[1] % side + 1, firstLine: first / side + 1,
        firstColumn: first % side + 1)
    }
  }

  // MARK: Ways

  /// The question with a shortest way from start to goal; there may be others.
  public var solution: [Maze.Cell] {
    var answer = cells
    for cell in shortestWay ?? [] { answer[cell] = .path }
    return answer
  }

  /// Whether the cells are those of the question with one way from start to goal, and with no other cell of a path.
  public func isSolved(by answer: [Maze.Cell]) -> Bool {
    let isKept =
      answer.count == cells.count && zip(cells, answer).allSatisfy { $0 == $1 || ($0 == .open && $1 == .path) }
    let way = isKept ? way { answer[$0] == .path } : nil
    return way?.count == answer.count { $0 == .path }
  }

  /// The cells between start and goal.
  var shortestWay: [Int]? { way { cells[$0] == .open } }

  /// Whether there is no other way as short as the shortest.
  var hasOneShortestWay: Bool {
    guard let way = shortestWay, let start = cells.firstIndex(of: .start), let goal = cells.firstIndex(of: .goal)
    else { return false }
    let (steps, _) = MazeGrid(side: side, isOpen: cells.map { $0 != .wall }).distances(from: start)
    // Another one leaves this one somewhere: a cell of it has two neighbours that are a step nearer to the start.
    return (way + [goal]).allSatisfy { cell in
      MazeGrid.neighbours(of: cell, side: side).count { steps[$0] == steps[cell] - 1 } == 1
    }
  }

  /// The cells between start and goal on a shortest way over some cells; nil where there is none.
  func way(over isOpen: (Int) -> Bool) -> [Int]? {
    guard let start = cells.firstIndex(of: .start), let goal = cells.firstIndex(of: .goal) else { return nil }
    let grid = MazeGrid(side: side, isOpen: cells.indices.map { isOpen($0) || $0 == start || $0 == goal })
    let (steps, from) = grid.distances(from: start)
    if steps[goal] < 0 { return nil }
    var (way, cell) = ([Int](), from[goal])
    while cell != start {
      way.append(cell)
      cell = from[cell]
    }
    return way
  }
}
