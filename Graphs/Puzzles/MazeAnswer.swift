extension Maze {
  /// A maze with its answer: the question with `o` on one shortest way, of which there may be others.
  ///
  /// - Throws: when the answer has other walls, another start or goal, no way between them, a longer one, or `o` elsewhere.
  public init(_ question: MazeQuestion, answer: [Cell]) throws(MazeAnswerError) {
    try Self.checkCells(question, answer)
    let count = answer.count { $0 == .path }
    guard let way = question.way(over: { answer[$0] == .path }) else { throw .noWay(cells: count) }
    let shortest = question.shortestWay?.count ?? 0
    guard way.count == shortest else { throw .notShortest(steps: way.count + 1, needed: shortest + 1) }
    guard count == shortest else { throw .astray(cells: count, needed: shortest) }
    self.init(unchecked: question.side, question: question.cells, answer: answer)
  }

  /// A maze with the one shortest way for its answer.
  ///
  /// - Throws: `MazeAnswerError.severalWays` where several ways are as short.
  public init(solving question: MazeQuestion) throws(MazeAnswerError) {
    guard question.hasOneShortestWay else { throw .severalWays }
    self.init(unchecked: question.side, question: question.cells, answer: question.solution)
  }

  private static func checkCells(_ question: MazeQuestion, _ answer: [Cell]) throws(MazeAnswerError) {
    guard answer.count == question.cells.count else { throw .length(answer.count, needed: question.cells.count) }
    for (place, (asked, given)) in zip(question.cells, answer).enumerated()
    where asked != given && (asked, given) != (.open, .path) {
      let (row, column) = place.quotientAndRemainder(dividingBy: question.side)
      throw .contradiction(row: row + 1, column: column + 1, question: asked, answer: given)
    }
  }
}

/// What is wrong with the answer to a maze. Rows and columns count from one.
public enum MazeAnswerError: Error, Hashable, Sendable, CustomStringConvertible {
  case length(Int, needed: Int)
  case contradiction(row: Int, column: Int, question: Maze.Cell, answer: Maze.Cell)
  case noWay(cells: Int)
  case notShortest(steps: Int, needed: Int)
  case astray(cells: Int, needed: Int)
  case severalWays

  public var description: String {
    switch self {
    case .length(let count, let needed): "answer must have \(needed) cells, got \(count)"
    case .contradiction(let row, let column, let question, let answer):
      "answer must keep the question but for 'o' on open cells, got '\(answer.character)' in row \(row), column \(column) "
        + "where the question has '\(question.character)'"
    case .noWay(let count): "answer must lead from 'S' to 'G' over 'o', got \(count) cells 'o' that do not"
    case .notShortest(let steps, let needed):
      "answer must be a shortest way, of \(needed) steps, got one of \(steps)"
    case .astray(let count, let needed): "answer must have 'o' on its way alone, on \(needed) cells, got \(count)"
    case .severalWays: "question must have one shortest way where no answer says which, got several"
    }
  }
}
