import Testing

@testable import Puzzles

@Suite struct SudokuGeneratorTests {
  private let solver = SudokuSolver()

  private func puzzles(
    _ size: SudokuSize, seed: UInt64, _ difficulty: SudokuGenerator.Difficulty? = nil,
    blanks: ClosedRange<Int>? = nil
  ) throws -> [SudokuPuzzle] {
    var generator = try SudokuGenerator(size: size, seed: seed, blanks: blanks, difficulty: difficulty)
    return (0..<(size == .nine ? 2 : 10)).map { _ in generator.next() }
  }

  @Test(arguments: SudokuSize.all, [0, 1, 0xFFFF_FFFF_FFFF_FFFF] as [UInt64])
  func oneSolution(size: SudokuSize, seed: UInt64) throws {
    let puzzles = try puzzles(size, seed: seed)
    for puzzle in puzzles {
      #expect(Examples.isValid(puzzle))
      #expect(solver.solutionCount(puzzle.question, size: size) == 1)
      #expect(solver.guessCount(puzzle.question, size: size) == puzzle.difficulty)
    }
    #expect(Set(puzzles).count == puzzles.count)
  }

  @Test(arguments: SudokuSize.all)
  func sameSeedSamePuzzles(size: SudokuSize) throws {
    #expect(try puzzles(size, seed: 7) == puzzles(size, seed: 7))
    #expect(try puzzles(size, seed: 7) != puzzles(size, seed: 8))
  }

  /// Pins the sequence: a change of generator or solver would change every data set made from a seed.
  @Test func pinnedPuzzle() throws {
    var generator = try SudokuGenerator(size: .four, seed: 42, blanks: 8...8)
    let expected = """
      2 . | 1 3
      1 3 | . .
      ----+----
      3 . | . 4
      . . | 3 .
      """
    #expect(generator.next().description == expected)
  }

  @Test(arguments: SudokuSize.all, [3...3, 0...0, 8...10])
  func blanksAreInRange(size: SudokuSize, blanks: ClosedRange<Int>) throws {
    for puzzle in try puzzles(size, seed: 2, blanks: blanks) {
      #expect(blanks.contains(puzzle.blankCount))
    }
  }

  @Test(arguments: SudokuSize.all)
  func easyNeedsNakedSinglesOnly(size: SudokuSize) throws {
    for puzzle in try puzzles(size, seed: 3, .easy) {
      #expect(solver.suffices(.nakedSingles, for: puzzle.question, size: size))
      #expect(puzzle.difficulty == 0)
    }
  }

  @Test(arguments: [SudokuSize.six, .nine])
  func mediumNeedsHiddenSingles(size: SudokuSize) throws {
    for puzzle in try puzzles(size, seed: 4, .medium) {
      #expect(!solver.suffices(.nakedSingles, for: puzzle.question, size: size))
      #expect(solver.suffices(.allSingles, for: puzzle.question, size: size))
      #expect(puzzle.difficulty == 0)
    }
  }

  @Test func hardNineNeedsGuesses() throws {
    for puzzle in try puzzles(.nine, seed: 5, .hard) { #expect(puzzle.difficulty > 0) }
  }

  @Test func hardSixNeedsGuesses() throws {
    var generator = try SudokuGenerator(size: .six, seed: 5, difficulty: .hard)
    #expect(generator.next().difficulty > 0)
  }

  @Test func fourIsAlwaysEasy() throws {
    for puzzle in try puzzles(.four, seed: 6, .hard) {
      #expect(solver.suffices(.nakedSingles, for: puzzle.question, size: .four))
    }
  }

  @Test(arguments: [
    (SudokuSize.four, 13...16, "blanks of 4x4 puzzles must start in 0...12 and end by 16, got 13...16"),
    (.six, 5...37, "blanks of 6x6 puzzles must start in 0...27 and end by 36, got 5...37"),
    (.nine, -1...9, "blanks of 9x9 puzzles must start in 0...58 and end by 81, got -1...9"),
  ])
  func impossibleBlanks(size: SudokuSize, blanks: ClosedRange<Int>, expected: String) {
    let error = #expect(throws: SudokuGeneratorError.self) {
      try SudokuGenerator(size: size, seed: 0, blanks: blanks)
    }
    #expect(error?.description == expected)
  }
}
