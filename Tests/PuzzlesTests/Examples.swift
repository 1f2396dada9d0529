@testable import Puzzles

/// Boards and small helpers that several suites use.
enum Examples {
  static let four = cells("1..4.41..14.42.1")
  static let fourAnswer = cells("1324241331424231")
  static let sixAnswer = cells("123456456123234561561234345612612345")

  /// The example of Wikipedia's article "Sudoku"; singles solve it.
  static let nine = cells(
    "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79")
  static let nineAnswer = cells(
    "534678912672195348198342567859761423426853791713924856961537284287419635345286179")

  /// "Golden Nugget" (tarek, 2007), among the hardest known.
  static let goldenNugget = cells(
    ".......39.....1..5..3.5.8....8.9...6.7...2...1..4.......9.8..5..2....6..4..7.....")

  /// A maze without its way and with it, rows between slashes.
  static let maze = "S ###/# # #/#   #/### #/###G#"
  static let mazeAnswer = "So###/#o# #/#ooo#/###o#/###G#"
  /// Another one, with one shortest way of ten steps.
  static let otherMaze = "S#G  / # # / # # / # # /   # "

  static func cells(_ text: String) -> [UInt8] {
    text.utf8.map { $0 == UInt8(ascii: ".") ? 0 : $0 - UInt8(ascii: "0") }
  }

  static func isValid(_ puzzle: SudokuPuzzle) -> Bool {
    (try? puzzle.check()) != nil
  }
}
