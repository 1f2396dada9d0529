extension SudokuGenerator {
  /// The most blanks that can be asked for.
  ///
  /// In 1,000 puzzles of each size and difficulty over 2 in 100 had at least as many. A unique solution would
  /// permit 12, 28 and 64 blanks, which random digging does not reach on the larger boards.
  public static func maximumBlankCount(size: SudokuSize) -> Int {
    switch size {
    case .four: 12
    case .six: 27
    default: 58
    }
  }
}

/// A range of blanks that the generator cannot honour.
public struct SudokuGeneratorError: Error, Hashable, Sendable, CustomStringConvertible {
  public let blanks: ClosedRange<Int>
  public let size: SudokuSize

  public var description: String {
    let limit = SudokuGenerator.maximumBlankCount(size: size)
    return "blanks of \(size) puzzles must start in 0...\(limit) and end by \(size.cellCount), "
      + "got \(blanks.lowerBound)...\(blanks.upperBound)"
  }
}
