/// The names in the first line of comma-separated puzzles, in any order.
struct PuzzleHeader {
  let names: [String]

  init(_ fields: [ArraySlice<UInt8>]) { names = fields.map { String(decoding: $0, as: UTF8.self) } }

  /// Where a column is; nil where there is none.
  func place(of name: String) -> Int? { names.firstIndex(of: name) }

  /// Where a column is that must be there, by the first of its names that there is.
  func place(ofOne alternatives: String...) throws(PuzzleFileError.Reason) -> Int {
    guard let found = alternatives.compactMap({ place(of: $0) }).first else {
      throw .missingColumn(alternatives.joined(separator: " or "), found: names)
    }
    return found
  }

  /// Refuses a row that has more or fewer fields.
  func check(_ fields: [ArraySlice<UInt8>]) throws(PuzzleFileError.Reason) {
    guard fields.count == names.count else { throw .wrongFieldCount(found: fields.count, needed: names.count) }
  }
}

/// Where a header puts the columns of a kind of puzzle, and with that the reading of a row.
protocol PuzzleColumns {
  associatedtype Puzzle

  init(_ header: PuzzleHeader) throws(PuzzleFileError.Reason)

  func puzzle(_ fields: [ArraySlice<UInt8>]) throws(PuzzleFileError.Reason) -> Puzzle
}

extension PuzzleColumns {
  /// The puzzles of a file's bytes, each with its line, counted from one; lines after the limit are not looked at, and empty
  /// ones say nothing.
  ///
  /// - Parameter path: for errors.
  static func puzzles(
    _ bytes: [UInt8], path: String, limit: Int = .max
  ) throws(PuzzleFileError) -> [(line: Int, puzzle: Puzzle)] {
    precondition(limit >= 0, "limit must not be negative, got \(limit)")
    var columns: Self?
    var puzzles: [(line: Int, puzzle: Puzzle)] = []
    var lineNumber = 0
    var rest = PuzzleFields.text(bytes)
    while !rest.isEmpty, puzzles.count < limit {
      let line = PuzzleFields.takeLine(from: &rest)
      lineNumber += 1
      guard !line.isEmpty else { continue }
      do throws(PuzzleFileError.Reason) {
        if let columns {
          puzzles.append((lineNumber, try columns.puzzle(PuzzleFields.split(line))))
        } else {
          columns = try Self(PuzzleHeader(PuzzleFields.split(line)))
        }
      } catch {
        throw PuzzleFileError(path: path, line: lineNumber, reason: error)
      }
    }
    guard limit == 0 || !puzzles.isEmpty else {
      let reason = columns == nil ? PuzzleFileError.Reason.empty : .noPuzzles
      throw PuzzleFileError(path: path, line: max(1, lineNumber), reason: reason)
    }
    return puzzles
  }
}
