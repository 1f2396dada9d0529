/// Puzzles as the tokens a model reads: 0 pad, 1 blank, digit + 1 for a digit.
public struct SudokuBatch: Sendable, Hashable {
  public let puzzleCount: Int
  /// Tokens of the questions, shape [puzzleCount, cells], row-major.
  public let inputs: [Int32]
  /// Tokens of the answers, same shape.
  public let labels: [Int32]

  /// The puzzles in their order; all must have one size.
  public init(_ puzzles: [SudokuPuzzle]) {
    let sizes = Set(puzzles.map(\.size))
    precondition(sizes.count <= 1, "puzzles of a batch must have one size, got \(sizes.count)")
    puzzleCount = puzzles.count
    inputs = puzzles.flatMap { $0.question.map(Self.token) }
    labels = puzzles.flatMap { $0.answer.map(Self.token) }
  }

  public static func token(_ digit: UInt8) -> Int32 { Int32(digit) + 1 }

  /// The digit of a token, 0 for a blank; nil for the pad token and for what is no token of the size.
  public static func digit(_ token: Int32, size: SudokuSize) -> UInt8? {
    (1..<Int32(size.vocabularyCount)).contains(token) ? UInt8(token - 1) : nil
  }
}
