extension MazeQuestion {
  /// The cells of rows of text, as many rows as cells in each.
  ///
  /// - Parameter allowsPath: whether `o` is a cell, on the way.
  static func cells(
    of lines: [some StringProtocol], allowsPath: Bool
  ) throws(MazeQuestionError) -> [Maze.Cell] {
    guard Maze.sides.contains(lines.count) else { throw .rowCount(lines.count) }
    var cells: [Maze.Cell] = []
    for (row, line) in lines.enumerated() {
      for (column, character) in line.enumerated() {
        guard let cell = cell(character, allowsPath: allowsPath) else {
          throw .character(character, line: row + 1, column: column + 1, needed: needed(allowsPath: allowsPath))
        }
        cells.append(cell)
      }
      guard line.count == lines.count else { throw .length(line.count, line: row + 1, needed: lines.count) }
    }
    return cells
  }

  /// The cell that a character of a text or of a file stands for; nil where it is none.
  static func cell(_ character: Character, allowsPath: Bool) -> Maze.Cell? {
    switch character {
    case "#": .wall
    case ".", " ": .open
    case "S": .start
    case "G": .goal
    case "o": allowsPath ? .path : nil
    default: nil
    }
  }

  /// What cells are, in words.
  static func needed(allowsPath: Bool) -> String {
    allowsPath ? "'#', ' ' or '.', 'S', 'G' and 'o'" : "'#', ' ' or '.', 'S' and 'G'"
  }
}

/// What is wrong with a maze that somebody typed. Lines and columns count from one.
public enum MazeQuestionError: Error, Hashable, Sendable, CustomStringConvertible {
  case rowCount(Int)
  case length(Int, line: Int, needed: Int)
  case character(Character, line: Int, column: Int, needed: String)
  case missing(Maze.Cell)
  case repeated(Maze.Cell, line: Int, column: Int, firstLine: Int, firstColumn: Int)
  case noWay

  /// Where it is in the text, where it is in one place.
  public var place: (line: Int, column: Int?)? {
    switch self {
    case .length(_, let line, _): (line, nil)
    case .character(_, let line, let column, _), .repeated(_, let line, let column, _, _): (line, column)
    case .rowCount, .missing, .noWay: nil
    }
  }

  public var description: String { (place.map { "line \($0.line)" + ($0.column == nil ? ": " : ", ") } ?? "") + inLine }

  /// The same for those who know the line.
  public var inLine: String { (place?.column.map { "column \($0): " } ?? "") + problem(line: "line") }

  /// The same of a maze whose rows are no lines.
  var inRows: String {
    (place.map { "row \($0.line)" + ($0.column.map { ", column \($0)" } ?? "") + ": " } ?? "") + problem(line: "row")
  }

  /// The same in a text that has so many lines before the maze.
  func shifted(by lines: Int) -> MazeQuestionError {
    switch self {
    case .length(let count, let line, let needed): .length(count, line: line + lines, needed: needed)
    case .character(let character, let line, let column, let needed):
      .character(character, line: line + lines, column: column, needed: needed)
    case .repeated(let cell, let line, let column, let firstLine, let firstColumn):
      .repeated(
        cell, line: line + lines, column: column, firstLine: firstLine + lines, firstColumn: firstColumn)
    case .rowCount, .missing, .noWay: self
    }
  }

  /// - Parameter line: what a row is called.
  private func problem(line: String) -> String {
    switch self {
    case .rowCount(let count): "a maze needs 5 to 30 lines, got \(count)"
    case .length(let count, _, let needed): "a maze of \(needed) lines needs \(needed) cells in each, got \(count)"
    case .character(let character, _, _, let needed): "cells are \(needed), got '\(character)'"
    case .missing(let cell): "a maze needs one '\(cell.character)', got none"
    case .repeated(let cell, _, _, let firstLine, let firstColumn):
      "a maze needs one '\(cell.character)', got another one after that in \(line) \(firstLine), column \(firstColumn)"
    case .noWay: "there is no way from start to goal"
    }
  }
}
