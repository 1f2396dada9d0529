/// What is wrong with the question or answer of one puzzle.
///
/// Rows, columns and positions count from one.
public enum SudokuPuzzleError: Error, Hashable, Sendable {
  case wrongLength(field: String, found: Int, needed: [Int])
  case illegalDigit(UInt8, field: String, position: Int, legal: ClosedRange<UInt8>)
  case contradiction(row: Int, column: Int, question: UInt8, answer: UInt8)
  case repeated(UInt8, unit: String)
}

extension SudokuPuzzleError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .wrongLength(let field, let found, let needed):
      "\(field) must have \(alternatives(needed)) cells, got \(found)"
    case .illegalDigit(let digit, let field, let position, let legal):
      "\(field) must hold digits \(legal.lowerBound) to \(legal.upperBound), "
        + "got \(digit) at position \(position)"
    case .contradiction(let row, let column, let question, let answer):
      "answer must keep the question, got \(answer) in row \(row), column \(column) "
        + "where the question has \(question)"
    case .repeated(let digit, let unit):
      "answer must have each digit once in \(unit), got \(digit) twice"
    }
  }

  private func alternatives(_ counts: [Int]) -> String {
    guard let last = counts.last, counts.count > 1 else { return counts.map(String.init).joined() }
    return counts.dropLast().map(String.init).joined(separator: ", ") + " or \(last)"
  }
}
