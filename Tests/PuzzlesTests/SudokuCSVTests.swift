import FoundationEssentials
import TestSupport
import Testing

@testable import Puzzles

@Suite struct SudokuCSVTests {
  private static let realFile = URL(filePath: #filePath)
    .appending(path: "../../../../shared/data/sudoku/easy50.csv").standardized.path

  private func parse(_ text: String, limit: Int? = nil) throws(PuzzleFileError) -> [SudokuPuzzle] {
    try SudokuCSV.parse(Array(text.utf8), path: "p.csv", limit: limit)
  }

  private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let path = folder + "/sudoku.csv"
      try Data(text.utf8).write(to: URL(filePath: path))
      return try body(path)
    }
  }

  @Test(arguments: SudokuSize.all)
  func roundTrip(size: SudokuSize) throws {
    var generator = try SudokuGenerator(size: size, seed: 1)
    let puzzles = (0..<2).map { _ in generator.next() }
    let read = try withFile(SudokuCSV.text(puzzles)) { try SudokuCSV.read(path: $0) }
    #expect(read == puzzles)
  }

  @Test func byteOrderMarksAreNoText() throws {
    let text = "question,answer,rating\n1..4.41..14.42.1,1324241331424231,3\n"
    #expect(try parse("\u{FEFF}" + text) == parse(text))
  }

  @Test func textOfOnePuzzle() throws {
    let puzzle = try SudokuPuzzle(
      size: .four, question: Examples.four, answer: Examples.fourAnswer, difficulty: 3)
    let expected = """
      source,question,answer,guesses
      handmade,1..4.41..14.42.1,1324241331424231,3

      """
    #expect(SudokuCSV.text([puzzle], source: "handmade") == expected)
  }

  @Test(arguments: [
    "source,question,answer,guesses,se_rating\nx,1..4.41..14.42.1,1324241331424231,2,7.1\n",
    "source,question,answer,rating\r\nx,1004041001404201,1324241331424231,2\r\n",
    "rating,answer,question\n2,1324241331424231,1..4.41..14.42.1",
    "\"source\",question,answer,guesses\n\n\"a, b\",\"1..4.41..14.42.1\",1324241331424231,2\n\n",
  ])
  func acceptedForms(text: String) throws {
    let expected = try SudokuPuzzle(
      size: .four, question: Examples.four, answer: Examples.fourAnswer, difficulty: 2)
    #expect(try parse(text) == [expected])
  }

  @Test func limitStopsBeforeLaterErrors() throws {
    let text = "question,answer,guesses\n1..4.41..14.42.1,1324241331424231,0\nbad\n"
    #expect(try parse(text, limit: 1).count == 1)
    #expect(try parse(text, limit: 0).isEmpty)
    #expect(throws: PuzzleFileError.self) { try parse(text, limit: 2) }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: realFile)))
  func realPuzzles() throws {
    let puzzles = try SudokuCSV.read(path: Self.realFile)
    let solver = SudokuSolver()
    #expect(puzzles.count == 50)
    for puzzle in puzzles {
      #expect(solver.solve(puzzle.question, size: .nine) == puzzle.answer)
      #expect((solver.guessCount(puzzle.question, size: .nine) == 0) == (puzzle.difficulty == 0))
    }
  }
}
