/// Where the header puts each column of Sudokus, and with that the reading of a row.
struct SudokuColumns: PuzzleColumns {
  private let header: PuzzleHeader
  private let question: Int
  private let answer: Int
  private let difficulty: Int

  init(_ header: PuzzleHeader) throws(PuzzleFileError.Reason) {
    self.header = header
    question = try header.place(ofOne: "question")
    answer = try header.place(ofOne: "answer")
    difficulty = try header.place(ofOne: "guesses", "rating")
  }

  func puzzle(_ fields: [ArraySlice<UInt8>]) throws(PuzzleFileError.Reason) -> SudokuPuzzle {
    try header.check(fields)
    let guesses = try number(fields[difficulty])
    let size = try size(fields[question])
    let asked = try cells(fields[question], named: "question", size: size, allowsBlanks: true)
    let given = try cells(fields[answer], named: "answer", size: size, allowsBlanks: false)
    do throws(SudokuPuzzleError) {
      return try SudokuPuzzle(size: size, question: asked, answer: given, difficulty: guesses)
    } catch {
      throw .puzzle(error)
    }
  }

  private func size(_ question: ArraySlice<UInt8>) throws(PuzzleFileError.Reason) -> SudokuSize {
    guard let size = SudokuSize(cellCount: question.count) else {
      let needed = SudokuSize.all.map(\.cellCount)
      throw .puzzle(.wrongLength(field: "question", found: question.count, needed: needed))
    }
    return size
  }

  private func cells(
    _ field: ArraySlice<UInt8>, named name: String, size: SudokuSize, allowsBlanks: Bool
  ) throws(PuzzleFileError.Reason) -> [UInt8] {
    let legal = UInt8(allowsBlanks ? 0 : 1)...UInt8(size.side)
    let blanks = allowsBlanks ? ", '.' or '0'" : ""
    return try PuzzleFields.cells(field, column: name, needed: "digits 1 to \(size.side)" + blanks) { byte in
      // '.' and every other character below '0' wrap to a large number.
      let digit = byte == UInt8(ascii: ".") ? 0 : byte &- UInt8(ascii: "0")
      return legal.contains(digit) ? digit : nil
    }
  }

  /// More guesses nobody counts.
  static let mostDifficult = 1_000_000_000

  private func number(_ field: ArraySlice<UInt8>) throws(PuzzleFileError.Reason) -> Int {
    let text = String(decoding: field, as: UTF8.self)
    guard let number = Int(text), (0...Self.mostDifficult).contains(number) else {
      throw .illegalNumber(text, column: header.names[difficulty])
    }
    return number
  }
}
