import Testing

@testable import Puzzles

@Suite struct SudokuPuzzleTests {
  private func message(question: [UInt8], answer: [UInt8]) -> String? {
    do {
      _ = try SudokuPuzzle(size: .four, question: question, answer: answer, difficulty: 0)
      return nil
    } catch {
      return error.description
    }
  }

  private func changed(_ cells: [UInt8], _ cell: Int, to digit: UInt8) -> [UInt8] {
    var result = cells
    result[cell] = digit
    return result
  }

  @Test func properPuzzle() {
    #expect(message(question: Examples.four, answer: Examples.fourAnswer) == nil)
  }

  @Test func wrongLengths() {
    #expect(message(question: [1, 2], answer: []) == "question must have 16 cells, got 2")
    #expect(message(question: Examples.four, answer: [1]) == "answer must have 16 cells, got 1")
  }

  @Test func illegalDigits() {
    #expect(
      message(question: changed(Examples.four, 1, to: 5), answer: Examples.fourAnswer)
        == "question must hold digits 0 to 4, got 5 at position 2")
    #expect(
      message(question: Examples.four, answer: changed(Examples.fourAnswer, 15, to: 0))
        == "answer must hold digits 1 to 4, got 0 at position 16")
  }

  @Test func contradiction() {
    #expect(
      message(question: changed(Examples.four, 6, to: 3), answer: Examples.fourAnswer)
        == "answer must keep the question, got 1 in row 2, column 3 where the question has 3")
  }

  @Test(arguments: [
    ("1224241331424231", "answer must have each digit once in row 1, got 2 twice"),
    ("1234123434124321", "answer must have each digit once in column 1, got 1 twice"),
    ("1234234134124123", "answer must have each digit once in box 1, got 2 twice"),
  ])
  func repeatedDigit(answer: String, expected: String) {
    let blank = [UInt8](repeating: 0, count: 16)
    #expect(message(question: blank, answer: Examples.cells(answer)) == expected)
  }
}
