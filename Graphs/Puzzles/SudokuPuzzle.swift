/// A Sudoku question with its answer, both row by row.
public struct SudokuPuzzle: Sendable, Hashable {
  public let size: SudokuSize
  /// The given digits, 0 where the cell is blank.
  public var question: [UInt8]
  /// The digits of the solved board.
  public var answer: [UInt8]
  /// Values tried beyond singles, 0 if singles suffice.
  ///
  /// Solvers differ in the values they try first, so that only the zero is comparable between sources.
  public var difficulty: Int

  /// A puzzle whose answer fits the question and the Sudoku rule.
  ///
  /// That the answer is the only one is not checked: it costs a search (`SudokuSolver.solutionCount`).
  public init(size: SudokuSize, question: [UInt8], answer: [UInt8], difficulty: Int)
    throws(SudokuPuzzleError)
  {
    self.init(unchecked: size, question: question, answer: answer, difficulty: difficulty)
    try check()
  }

  /// For cells that are right by construction.
  init(unchecked size: SudokuSize, question: [UInt8], answer: [UInt8], difficulty: Int) {
    self.size = size
    self.question = question
    self.answer = answer
    self.difficulty = difficulty
  }

  public var blankCount: Int { question.count { $0 == 0 } }
}

extension SudokuPuzzle: CustomStringConvertible {
  /// The question as a board.
  public var description: String { size.board(question) }
}

extension SudokuPuzzle {
  /// Throws the first fault found: lengths, then digits, then the question, then the Sudoku rule.
  public func check() throws(SudokuPuzzleError) {
    try check(question, named: "question", lowest: 0)
    try check(answer, named: "answer", lowest: 1)
    try checkAgreement()
    try checkRule()
  }

  private func check(_ cells: [UInt8], named field: String, lowest: UInt8) throws(SudokuPuzzleError) {
    guard cells.count == size.cellCount else {
      throw .wrongLength(field: field, found: cells.count, needed: [size.cellCount])
    }
    let legal = lowest...UInt8(size.side)
    if let cell = cells.firstIndex(where: { !legal.contains($0) }) {
      throw .illegalDigit(cells[cell], field: field, position: cell + 1, legal: legal)
    }
  }

  private func checkAgreement() throws(SudokuPuzzleError) {
    for cell in 0..<size.cellCount where question[cell] != 0 && question[cell] != answer[cell] {
      let (row, column) = cell.quotientAndRemainder(dividingBy: size.side)
      throw .contradiction(row: row + 1, column: column + 1, question: question[cell], answer: answer[cell])
    }
  }

  private func checkRule() throws(SudokuPuzzleError) {
    let layout = SudokuLayout.of(size)
    for unit in 0..<layout.unitCount {
      var seen: UInt16 = 0
      for cell in layout.cells(of: unit) {
        let bit = UInt16(1) << answer[cell]
        guard seen & bit == 0 else {
          throw .repeated(answer[cell], unit: layout.name(ofUnit: unit))
        }
        seen |= bit
      }
    }
  }
}
