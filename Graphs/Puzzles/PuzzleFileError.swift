import Files

/// What keeps a file from being read as puzzles, and where.
public struct PuzzleFileError: Error, Hashable, Sendable {
  public let path: String
  /// Counted from one; 1 also if the file could not be opened, nil where it is no line's fault.
  public let line: Int?
  public let reason: Reason

  public enum Reason: Error, Hashable, Sendable {
    case noFile(InputFileProblem)
    case empty
    case noPuzzles
    case missingColumn(String, found: [String])
    case wrongFieldCount(found: Int, needed: Int)
    case illegalNumber(String, column: String)
    case illegalCharacter(Character, column: String, position: Int, needed: String)
    case puzzle(SudokuPuzzleError)
    case maze(MazeFileProblem)
  }
}

extension PuzzleFileError: CustomStringConvertible {
  public var description: String { path + (line.map { ":\($0)" } ?? "") + ": \(reason)" }
}

extension PuzzleFileError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noFile(let problem):
      "needed a file of puzzles, \(problem)"
    case .empty:
      "needed a header and puzzles, got an empty file"
    case .noPuzzles:
      "needed at least one puzzle after the header, got none"
    case .missingColumn(let name, let found):
      "header must name the column \(name), got \(found.joined(separator: ", "))"
    case .wrongFieldCount(let found, let needed):
      "row must have \(needed) fields as the header has, got \(found)"
    case .illegalNumber(let text, let column):
      "column \(column) must be a whole number from 0 to \(SudokuColumns.mostDifficult), got '\(text)'"
    case .illegalCharacter(let character, let column, let position, let needed):
      "column \(column) must hold \(needed), got '\(character)' at position \(position)"
    case .puzzle(let error):
      error.description
    case .maze(let problem):
      problem.description
    }
  }
}
