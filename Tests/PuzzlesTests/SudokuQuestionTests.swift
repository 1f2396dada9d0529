import Testing

@testable import Puzzles

/// Boards that somebody types.
@Suite struct SudokuQuestionTests {
  @Test func boardsAreRead() throws {
    let question = try SudokuQuestion("1..4 ..1.\n2.03 .3..")
    #expect(question.size == .four && question.size.line(question.cells) == "1..4..1.2..3.3..")
    #expect(try question.solutions() == [Examples.cells("1234341221434321")])
    #expect(question.isSolved(by: Examples.cells("1234341221434321")))
    #expect(!question.isSolved(by: Examples.cells("1234341221434312")), "the rule")
    #expect(!question.isSolved(by: Examples.fourAnswer), "the givens")
    #expect(try SudokuQuestion(String(repeating: ".", count: 36)).size == .six)
    #expect(try SudokuQuestion(String(repeating: ".", count: 81)).solutions().count == 2)
    #expect(try SudokuQuestion("123.....4.......").solutions().isEmpty == false)
    #expect(try SudokuQuestion("123....4........").solutions().isEmpty)
  }

  @Test(arguments: [
    ("", "a puzzle needs 16, 36 or 81 cells, got 0"), ("1..4..1.2..3.3.", "a puzzle needs 16, 36 or 81 cells, got 15"),
    ("1..4..1.2..3.35.", "cells of a 4x4 puzzle are digits 1 to 4, '.' or '0', got '5' at position 15"),
    ("1..4..1.2.x3.3..", "cells of a 4x4 puzzle are digits 1 to 4, '.' or '0', got 'x' at position 11"),
    ("1..4..1.2..\u{0663}.3..", "cells of a 4x4 puzzle are digits 1 to 4, '.' or '0', got '\u{0663}' at position 12"),
    ("1..1..1.2..3.3..", "given digits must differ, got 1 twice in row 1"),
    ("1...1...........", "given digits must differ, got 1 twice in column 1"),
    ("1....1..........", "given digits must differ, got 1 twice in box 1"),
  ])
  func whatIsNoBoardIsRefused(_ text: String, _ message: String) {
    let error = #expect(throws: SudokuQuestionError.self) { try SudokuQuestion(text) }
    #expect(error?.description == message)
  }

  /// Without a solution, which no search finds out in time.
  @Test func hopelessSearchesAreGivenUp() throws {
    let question = try SudokuQuestion(
      ".....5.8....6.1.43..........1.5........1.6...3.......553.....61........4.........")
    let solver = SudokuSolver()
    #expect(solver.solutions(question.cells, size: .nine, atMost: 2, guesses: 1000) == nil)
    #expect(
      SudokuQuestionError.givenUp(guesses: 5).description
        == "no solution was found in 5 guesses, which is many more than puzzles with a solution need")
    let empty = Array(repeating: UInt8(0), count: 81)
    #expect(solver.solutions(empty, size: .nine, atMost: 2, guesses: 1000)?.count == 2)
  }
}
