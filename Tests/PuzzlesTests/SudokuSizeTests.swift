import Testing

@testable import Puzzles

@Suite struct SudokuSizeTests {
  @Test func shapes() throws {
    #expect(SudokuSize.all.map(\.side) == [4, 6, 9])
    #expect(SudokuSize.all.map(\.cellCount) == [16, 36, 81])
    #expect(SudokuSize.all.map(\.vocabularyCount) == [6, 8, 11])
    #expect([SudokuSize.six.boxRows, SudokuSize.six.boxColumns] == [2, 3])
    #expect(try SudokuSize(side: 6) == .six)
  }

  @Test func unknownSide() {
    let error = #expect(throws: SudokuSizeError.self) { try SudokuSize(side: 5) }
    #expect(error?.description == "sudoku side must be 4, 6 or 9, got 5")
  }

  /// Each cell lies in three units, each unit has `side` cells, and boxes are contiguous.
  @Test(arguments: SudokuSize.all)
  func layout(size: SudokuSize) {
    let layout = SudokuLayout.of(size)
    #expect(layout.cellsOfUnit.count == 3 * size.cellCount)
    for unit in 0..<layout.unitCount {
      #expect(layout.cells(of: unit).allSatisfy { layout.units(of: $0).contains(unit) })
    }
    let lastBox = layout.cells(of: layout.unitCount - 1).map { [$0 / size.side, $0 % size.side] }
    let corner = [size.side - size.boxRows, size.side - size.boxColumns]
    #expect(lastBox.first == corner)
    #expect(lastBox.last == [size.side - 1, size.side - 1])
  }

  @Test func boardOfFour() throws {
    let puzzle = try SudokuPuzzle(
      size: .four, question: Examples.four, answer: Examples.fourAnswer, difficulty: 0)
    let expected = """
      1 . | . 4
      . 4 | 1 .
      ----+----
      . 1 | 4 .
      4 2 | . 1
      """
    #expect(puzzle.description == expected)
  }

  @Test func boardOfSix() {
    let expected = """
      1 2 3 | 4 5 6
      4 5 6 | 1 2 3
      ------+------
      2 3 4 | 5 6 1
      5 6 1 | 2 3 4
      ------+------
      3 4 5 | 6 1 2
      6 1 2 | 3 4 5
      """
    #expect(SudokuSize.six.board(Examples.sixAnswer) == expected)
  }

  @Test func boardOfNine() {
    let lines = SudokuSize.nine.board(Examples.nine).split(separator: "\n")
    #expect(lines.count == 11)
    #expect(lines[0] == "5 3 . | . 7 . | . . .")
    #expect(lines[3] == "------+-------+------")
    #expect(lines[10] == ". . . | . 8 . | . 7 9")
  }
}
