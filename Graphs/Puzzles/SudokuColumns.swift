/// Where the header puts each column, and with that the reading of a row.
struct SudokuColumns {
  private let question: Int
  private let answer: Int
  private let difficulty: Int
  private let difficultyName: String
  private let columnCount: Int

  init(header: [ArraySlice<UInt8>]) throws(SudokuCSVError.Reason) {
    let names = header.map { String(decoding: $0, as: UTF8.self) }
    guard let question = names.firstIndex(of: "question") else {
      throw .missingColumn("question", found: names)
    }
    guard let answer = names.firstIndex(of: "answer") else {
      throw .missingColumn("answer", found: names)
    }
    guard let difficulty = names.firstIndex(of: "guesses") ?? names.firstIndex(of: "rating") else {
      throw .missingColumn("guesses or rating", found: names)
    }
    self.question = question
    self.answer = answer
    self.difficulty = difficulty
    difficultyName = names[difficulty]
    columnCount = names.count
  }

  func puzzle(_ fields: [ArraySlice<UInt8>]) throws(SudokuCSVError.Reason) -> SudokuPuzzle {
    guard fields.count == columnCount else {
      throw .wrongFieldCount(found: fields.count, needed: columnCount)
    }
    let difficulty = try number(fields[difficulty])
    do throws(SudokuPuzzleError) {
      let size = try size(fields[question])
      return try SudokuPuzzle(
        size: size,
        question: cells(fields[question], named: "question", size: size, allowsBlanks: true),
        answer: cells(fields[answer], named: "answer", size: size, allowsBlanks: false),
        difficulty: difficulty)
    } catch {
      throw .puzzle(error)
    }
  }

  private func size(_ question: ArraySlice<UInt8>) throws(SudokuPuzzleError) -> SudokuSize {
    guard let size = SudokuSize(cellCount: question.count) else {
      let needed = SudokuSize.all.map(\.cellCount)
      throw .wrongLength(field: "question", found: question.count, needed: needed)
    }
    return size
  }

  private func cells(
    _ field: ArraySlice<UInt8>, named name: String, size: SudokuSize, allowsBlanks: Bool
  ) throws(SudokuPuzzleError) -> [UInt8] {
    let legal = UInt8(allowsBlanks ? 0 : 1)...UInt8(size.side)
    var result: [UInt8] = []
    result.reserveCapacity(size.cellCount)
    for (offset, byte) in field.enumerated() {
      // '.' and every other character below '0' wrap to a large number.
      let digit = byte == UInt8(ascii: ".") ? 0 : byte &- UInt8(ascii: "0")
      guard legal.contains(digit) else {
        let found = String(decoding: field.dropFirst(offset), as: UTF8.self).first ?? "?"
        let needed = "digits 1 to \(size.side)" + (allowsBlanks ? ", '.' or '0'" : "")
        throw .illegalCharacter(found, field: name, position: offset + 1, needed: needed)
      }
      result.append(digit)
    }
    return result
  }

  /// More guesses nobody counts.
  static let mostDifficult = 1_000_000_000

  private func number(_ field: ArraySlice<UInt8>) throws(SudokuCSVError.Reason) -> Int {
    let text = String(decoding: field, as: UTF8.self)
    guard let number = Int(text), (0...Self.mostDifficult).contains(number) else {
      throw .illegalNumber(text, column: difficultyName)
    }
    return number
  }
}
