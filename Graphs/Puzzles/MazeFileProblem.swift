/// What keeps mazes of a file from being learned from.
public enum MazeFileProblem: Error, Hashable, Sendable, CustomStringConvertible {
  case noMazes
  /// Of a maze in one line.
  case noSquare(cells: Int)
  /// Of a maze in one line.
  case question(MazeQuestionError)
  /// Of a maze whose rows are lines, of which the one is known.
  case line(MazeQuestionError)
  case answer(MazeAnswerError)
  case otherSide(found: Int, needed: Int)
  case noSplit(MazeSplitError)

  public var description: String {
    switch self {
    case .noMazes: "needed at least one maze, got none"
    case .noSquare(let count):
      "question must have the cells of a square of \(Maze.sides.lowerBound) to \(Maze.sides.upperBound) rows, got \(count)"
    case .question(let error): error.inRows
    case .line(let error): error.inLine
    case .answer(let error): error.description
    case .otherSide(let found, let needed):
      "the maze has side \(found), the model needs side \(needed); --set side=\(found) makes one for such mazes"
    case .noSplit(let error): error.description
    }
  }
}
