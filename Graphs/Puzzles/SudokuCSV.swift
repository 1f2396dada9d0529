/// Sudoku puzzles as comma-separated values, one a line.
///
/// The header names the columns, in any order: `question`, `answer` and either `guesses` or `rating`; other
/// columns are ignored. A blank is `.` or `0`. The length of the question gives the size.
public enum SudokuCSV {
  /// The puzzles of a file, or the first `limit` of them; lines after the limit are not looked at.
  public static func read(path: String, limit: Int? = nil) throws(PuzzleFileError) -> [SudokuPuzzle] {
    try parse(try PuzzleFields.bytes(path: path), path: path, limit: limit)
  }

  /// The puzzles as text that `read` accepts.
  public static func text(_ puzzles: [SudokuPuzzle], source: String = "recurve") -> String {
    let rows = puzzles.map { puzzle in
      let question = puzzle.question.map(SudokuSize.text).joined()
      let answer = puzzle.answer.map(SudokuSize.text).joined()
      return "\(source),\(question),\(answer),\(puzzle.difficulty)\n"
    }
    return "source,question,answer,guesses\n" + rows.joined()
  }

  /// The puzzles of a file's bytes; the path is for errors.
  static func parse(_ bytes: [UInt8], path: String, limit: Int?) throws(PuzzleFileError) -> [SudokuPuzzle] {
    try SudokuColumns.puzzles(bytes, path: path, limit: limit ?? .max).map(\.puzzle)
  }
}
