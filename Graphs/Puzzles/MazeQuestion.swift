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
    guard Maze.sides.contains(lines.count) else { throw .rowCount(lines.count) }
    var cells: [Maze.Cell] = []
    for (row, line) in lines.enumerated() {
      for (column, character) in line.enumerated() {
        guard let cell = Self.cell(character) else { throw .character(character, line: row + 1, column: column + 1) }
        cells.append(cell)
      }
      guard line.count == lines.count else { throw .length(line.count, line: row + 1, needed: lines.count) }
    }
    (side, self.cells) = (lines.count, cells)
    try check(.start)
    try check(.goal)
    if shortestWay == nil { throw .noWay }
  }

  private static func cell(_ character: Character) -> Maze.Cell? {
    if character == "." { return .open }
    return Maze.Cell.allCases.first { $0.character == character && $0 != .path }
  }

  private func check(_ cell: Maze.Cell) throws(MazeQuestionError) {
    let places = cells.indices.filter { cells[$0] == cell }
    guard let first = places.first else { throw .missing(cell) }
    guard places.count == 1 else {
      throw .repeated(
        cell, line: places[1] / side + 1, column: places[1] % side + 1, firstLine: first / side + 1,
        firstColumn: first % side + 1)
    }
  }

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

  private var shortestWay: [Int]? { way { cells[$0] == .open } }

  /// The cells between start and goal on a shortest way over some cells; nil where there is none.
  private func way(over isOpen: (Int) -> Bool) -> [Int]? {
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

/// What is wrong with a maze that somebody typed. Lines and columns count from one.
public enum MazeQuestionError: Error, Hashable, Sendable, CustomStringConvertible {
  case rowCount(Int)
  case length(Int, line: Int, needed: Int)
  case character(Character, line: Int, column: Int)
  case missing(Maze.Cell)
  case repeated(Maze.Cell, line: Int, column: Int, firstLine: Int, firstColumn: Int)
  case noWay

  /// Where it is in the text, where it is in one place.
  public var place: (line: Int, column: Int?)? {
    switch self {
    case .length(_, let line, _): (line, nil)
    case .character(_, let line, let column), .repeated(_, let line, let column, _, _): (line, column)
    case .rowCount, .missing, .noWay: nil
    }
  }

  public var description: String { (place.map { "line \($0.line)" + ($0.column == nil ? ": " : ", ") } ?? "") + inLine }

  /// The same for those who know the line.
  public var inLine: String { (place?.column.map { "column \($0): " } ?? "") + problem }

  private var problem: String {
    switch self {
    case .rowCount(let count): "a maze needs 5 to 30 lines, got \(count)"
    case .length(let count, _, let needed): "a maze of \(needed) lines needs \(needed) cells in each, got \(count)"
    case .character(let character, _, _): "cells are '#', ' ' or '.', 'S' and 'G', got '\(character)'"
    case .missing(let cell): "a maze needs one '\(cell.character)', got none"
    case .repeated(let cell, _, _, let line, let column):
      "a maze needs one '\(cell.character)', got another one after that in line \(line), column \(column)"
    case .noWay: "there is no way from start to goal"
    }
  }
}
