import Testing

@testable import Puzzles

@Suite struct SudokuSolverTests {
  private let solver = SudokuSolver()

  @Test func knownPuzzles() {
    #expect(solver.solve(Examples.four, size: .four) == Examples.fourAnswer)
    #expect(solver.solve(Examples.nine, size: .nine) == Examples.nineAnswer)
  }

  @Test func singlesNeedNoGuess() {
    #expect(solver.guessCount(Examples.nine, size: .nine) == 0)
    #expect(solver.guessCount(Examples.nineAnswer, size: .nine) == 0)
  }

  @Test func hardPuzzle() throws {
    let guesses = try #require(solver.guessCount(Examples.goldenNugget, size: .nine))
    #expect(guesses > 0)
    #expect(solver.solutionCount(Examples.goldenNugget, size: .nine) == 1)
    let answer = try #require(solver.solve(Examples.goldenNugget, size: .nine))
    _ = try SudokuPuzzle(
      size: .nine, question: Examples.goldenNugget, answer: answer, difficulty: guesses)
  }

  @Test func countsStopAtTheLimit() {
    let empty = [UInt8](repeating: 0, count: 16)
    #expect(solver.solutionCount(empty, size: .four) == 2)
    #expect(solver.solutionCount(empty, size: .four, atMost: 7) == 7)
    // All 4x4 boards: a known count.
    #expect(solver.solutionCount(empty, size: .four, atMost: 1000) == 288)
    #expect(solver.solutionCount(empty, size: .four, atMost: 0) == 0)
  }

  /// 2 and 3 can change places everywhere.
  @Test func twoSolutions() {
    let question = Examples.cells("1..4.41..14.4..1")
    #expect(solver.solutionCount(question, size: .four, atMost: 9) == 2)
  }

  @Test(arguments: ["11", "1...1", "1....1", "123....4", "5"])
  func noSolution(start: String) {
    let question = Examples.cells(start) + Array(repeating: 0, count: 16 - start.count)
    #expect(solver.solve(question, size: .four) == nil)
    #expect(solver.guessCount(question, size: .four) == nil)
    #expect(solver.solutionCount(question, size: .four) == 0)
  }

  @Test func wrongCellCountHasNoSolution() {
    #expect(solver.solve([1, 2, 3], size: .four) == nil)
  }
}
