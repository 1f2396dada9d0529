/// A board with blanks as somebody typed it: `1..4..1.2..3.3..`.
public struct SudokuQuestion: Sendable, Hashable {
  public let size: SudokuSize
  /// Row by row, 0 where the cell is blank.
  public let cells: [UInt8]

  /// Reads a board row by row: digits, `.` or `0` for a blank, spaces and line ends wherever they help.
  ///
  /// - Throws: when there are too few or too many cells, when a character is no cell, or when two equal digits are in one
  ///   row, column or box.
  public init(_ text: String) throws(SudokuQuestionError) {
    let characters = text.filter { !$0.isWhitespace }
    guard let size = SudokuSize(cellCount: characters.count) else { throw .wrongLength(characters.count) }
    self.size = size
    var cells: [UInt8] = []
    for (offset, character) in characters.enumerated() {
      let digit = character == "." ? 0 : character.isASCII ? character.wholeNumberValue : nil
      guard let digit, digit <= size.side else { throw .illegalCharacter(character, position: offset + 1, size) }
      cells.append(UInt8(digit))
    }
    self.cells = cells
    if let repeated { throw repeated }
  }

  /// A puzzle of people's has a solution after hundreds.
  static let guessLimit = 1_000_000

  /// The solutions, at most two: enough to tell whether there is one.
  ///
  /// - Throws: where the search for the first one was given up.
  public func solutions() throws(SudokuQuestionError) -> [[UInt8]] {
    let found = SudokuSolver().solutions(cells, size: size, atMost: 2, guesses: Self.guessLimit)
    guard let found else { throw .givenUp(guesses: Self.guessLimit) }
    return found
  }

  /// Whether a full board keeps the given digits and the rule.
  public func isSolved(by board: [UInt8]) -> Bool {
    (try? SudokuPuzzle(size: size, question: cells, answer: board, difficulty: 0)) != nil
  }

  private var repeated: SudokuQuestionError? {
    let layout = SudokuLayout.of(size)
    for unit in 0..<layout.unitCount {
      var seen: UInt16 = 0
      for cell in layout.cells(of: unit) where cells[cell] != 0 {
        let bit = UInt16(1) << cells[cell]
        if seen & bit != 0 { return .repeated(cells[cell], unit: layout.name(ofUnit: unit)) }
        seen |= bit
      }
    }
    return nil
  }
}

/// What is wrong with a board that somebody typed. Positions count from one, without spaces.
public enum SudokuQuestionError: Error, Hashable, Sendable, CustomStringConvertible {
  case wrongLength(Int)
  case illegalCharacter(Character, position: Int, SudokuSize)
  case repeated(UInt8, unit: String)
  case givenUp(guesses: Int)

  public var description: String {
    switch self {
    case .wrongLength(let count): "a puzzle needs 16, 36 or 81 cells, got \(count)"
    case .illegalCharacter(let character, let position, let size):
      "cells of a \(size) puzzle are digits 1 to \(size.side), '.' or '0', got '\(character)' at position \(position)"
    case .repeated(let digit, let unit): "given digits must differ, got \(digit) twice in \(unit)"
    case .givenUp(let guesses):
      "no solution was found in \(guesses) guesses, which is many more than puzzles with a solution need"
    }
  }
}

extension SudokuSize {
  /// The cells in one line: digits, `.` for a blank.
  public func line(_ cells: [UInt8]) -> String { cells.map(Self.text).joined() }
}
