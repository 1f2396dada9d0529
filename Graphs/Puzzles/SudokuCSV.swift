import Files
import FoundationEssentials

/// Sudoku puzzles as comma-separated values, one a line.
///
/// The header names the columns, in any order: `question`, `answer` and either `guesses` or `rating`; other
/// columns are ignored. A blank is `.` or `0`. The length of the question gives the size.
public enum SudokuCSV {
  /// The puzzles of a file, or the first `limit` of them; lines after the limit are not looked at.
  public static func read(path: String, limit: Int? = nil) throws(SudokuCSVError) -> [SudokuPuzzle] {
    try parse(try bytes(path: path), path: path, limit: limit)
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

  private static func bytes(path: String) throws(SudokuCSVError) -> [UInt8] {
    do { return [UInt8](try InputFile.bytes(of: path)) } catch {
      throw SudokuCSVError(path: path, line: 1, reason: .noFile(error))
    }
  }

  /// The puzzles of a file's bytes; the path is for errors.
  static func parse(_ bytes: [UInt8], path: String, limit: Int?) throws(SudokuCSVError) -> [SudokuPuzzle] {
    let limit = limit ?? .max
    precondition(limit >= 0, "limit must not be negative, got \(limit)")
    var columns: SudokuColumns?
    var puzzles: [SudokuPuzzle] = []
    var lineNumber = 0
    // Spreadsheets begin their files with a byte order mark.
    var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    while !rest.isEmpty, puzzles.count < limit {
      let line = SudokuFields.takeLine(from: &rest)
      lineNumber += 1
      guard !line.isEmpty else { continue }
      do throws(SudokuCSVError.Reason) {
        if let columns {
          puzzles.append(try columns.puzzle(SudokuFields.split(line)))
        } else {
          columns = try SudokuColumns(header: SudokuFields.split(line))
        }
      } catch {
        throw SudokuCSVError(path: path, line: lineNumber, reason: error)
      }
    }
    guard limit == 0 || !puzzles.isEmpty else {
      let reason = columns == nil ? SudokuCSVError.Reason.empty : .noPuzzles
      throw SudokuCSVError(path: path, line: max(1, lineNumber), reason: reason)
    }
    return puzzles
  }
}
