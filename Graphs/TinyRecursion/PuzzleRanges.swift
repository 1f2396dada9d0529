import Puzzles
import Recurve

/// Which puzzles are generated, as `--set` says it: `blanks=11-12`, `lengths=9`.
extension TinyRecursion {
  /// Names of settings.
  static let blanks = "blanks"
  static let lengths = "lengths"
  /// As puzzles are where nobody asks for others.
  static let usual = "usual"

  static func rangeSetting(_ name: String, _ summary: String) -> ModelSetting {
    ModelSetting(name, summary, .text(needed: "\(usual), a number or a range as 11-12"), standard: usual)
  }
}

extension TinyRecursion.Sizes {
  /// Nil for the usual ones.
  ///
  /// - Throws: `ModelFamilyError.setting` for blanks that the Sudokus do not have, and where none are generated.
  func chosenBlanks(_ options: ModelOptions) throws -> ClosedRange<Int>? {
    try range(TinyRecursion.blanks, of: (.sudoku, "Sudokus"), options) {
      SudokuStream.possibleBlanks(try SudokuSize(side: side))
    }
  }

  /// The same for the ways of mazes.
  func chosenLengths(_ options: ModelOptions) throws -> ClosedRange<Int>? {
    try range(TinyRecursion.lengths, of: (.maze, "mazes"), options) { MazeStream.possibleLengths(side: side) }
  }

  private func range(
    _ setting: String, of kind: (puzzle: Puzzle, name: String), _ options: ModelOptions,
    within possible: () throws -> ClosedRange<Int>
  ) throws -> ClosedRange<Int>? {
    let usual = TinyRecursion.usual
    guard let text = options.settings[setting], text != usual else { return nil }
    func refused(needing needed: String) -> ModelFamilyError { .setting(setting, found: text, needed: needed) }
    guard kind.puzzle == puzzle else { throw refused(needing: "\(usual), since the preset has no \(kind.name)") }
    if options.dataPath != nil { throw refused(needing: "\(usual), since the puzzles of a file are as they are") }
    let possible = try possible()
    guard let range = ClosedRange<Int>(written: text), possible.contains(range.lowerBound),
      possible.contains(range.upperBound)
    else { throw refused(needing: "\(usual), a number or a range within \(possible.boundsText)") }
    return range
  }
}

extension ClosedRange<Int> {
  /// A number, or two, the smaller first, as `11-12`; nil for other texts.
  init?(written text: String) {
    let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard bounds.count <= 2, let first = bounds.first ?? nil, let last = bounds.last ?? nil, first <= last else {
      return nil
    }
    self = first...last
  }

  var boundsText: String { "\(lowerBound)-\(upperBound)" }
}
