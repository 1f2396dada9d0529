/// Where the header puts each column of mazes, and with that the reading of a row.
struct MazeColumns: PuzzleColumns {
  private let header: PuzzleHeader
  private let question: Int
  /// Nil where mazes have no answers.
  private let answer: Int?

  init(_ header: PuzzleHeader) throws(PuzzleFileError.Reason) {
    self.header = header
    question = try header.place(ofOne: "question")
    answer = header.place(of: "answer")
  }

  func puzzle(_ fields: [ArraySlice<UInt8>]) throws(PuzzleFileError.Reason) -> Maze {
    try header.check(fields)
    let asked = try mazeQuestion(fields[question])
    guard let answer else { return try .read(asked, answer: nil) }
    return try .read(asked, answer: try cells(fields[answer], column: "answer", allowsPath: true))
  }

  private func mazeQuestion(_ field: ArraySlice<UInt8>) throws(PuzzleFileError.Reason) -> MazeQuestion {
    guard Maze.sides.contains(where: { $0 * $0 == field.count }) else { throw .maze(.noSquare(cells: field.count)) }
    let asked = try cells(field, column: "question", allowsPath: false)
    do throws(MazeQuestionError) { return try MazeQuestion(cells: asked) } catch { throw .maze(.question(error)) }
  }

  private func cells(
    _ field: ArraySlice<UInt8>, column: String, allowsPath: Bool
  ) throws(PuzzleFileError.Reason) -> [Maze.Cell] {
    try PuzzleFields.cells(field, column: column, needed: MazeQuestion.needed(allowsPath: allowsPath)) { byte in
      MazeQuestion.cell(Character(UnicodeScalar(byte)), allowsPath: allowsPath)
    }
  }
}

extension Maze {
  /// A maze of a file.
  ///
  /// - Parameter answer: nil where the file has none: then there must be one shortest way.
  static func read(_ question: MazeQuestion, answer: [Cell]?) throws(PuzzleFileError.Reason) -> Maze {
    do throws(MazeAnswerError) {
      guard let answer else { return try Maze(solving: question) }
      return try Maze(question, answer: answer)
    } catch { throw .maze(.answer(error)) }
  }
}
