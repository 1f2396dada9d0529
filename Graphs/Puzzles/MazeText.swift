/// Mazes as people draw them: a line a row, an empty line after each. A maze with `o` on its way has that for its answer.
enum MazeText {
  /// The mazes of a file's bytes, each with the line that it begins in, counted from one.
  ///
  /// - Parameter path: for errors.
  static func mazes(_ bytes: [UInt8], path: String) throws(PuzzleFileError) -> [(line: Int, puzzle: Maze)] {
    var mazes: [(line: Int, puzzle: Maze)] = []
    var rows: [String] = []
    var lineNumber = 0
    var rest = PuzzleFields.text(bytes)
    while !rest.isEmpty {
      let line = PuzzleFields.takeLine(from: &rest)
      lineNumber += 1
      if !line.isEmpty {
        rows.append(String(decoding: line, as: UTF8.self))
        if !rest.isEmpty { continue }
        // As if an empty line followed.
        lineNumber += 1
      }
      if rows.isEmpty { continue }
      let first = lineNumber - rows.count
      mazes.append((first, try maze(rows, from: first, path)))
      rows = []
    }
    if mazes.isEmpty { throw PuzzleFileError(path: path, line: max(1, lineNumber), reason: .maze(.noMazes)) }
    return mazes
  }

  private static func maze(_ rows: [String], from first: Int, _ path: String) throws(PuzzleFileError) -> Maze {
    let question: MazeQuestion
    let answer: [Maze.Cell]
    do throws(MazeQuestionError) {
      answer = try MazeQuestion.cells(of: rows, allowsPath: true)
      question = try MazeQuestion(cells: answer.map { $0 == .path ? .open : $0 })
    } catch {
      let problem = error.shifted(by: first - 1)
      throw PuzzleFileError(path: path, line: problem.place?.line ?? first, reason: .maze(.line(problem)))
    }
    do throws(PuzzleFileError.Reason) {
      return try .read(question, answer: answer.contains(.path) ? answer : nil)
    } catch { throw PuzzleFileError(path: path, line: first, reason: error) }
  }
}
