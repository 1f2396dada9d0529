import TensorTypes

/// Makes puzzles with exactly one solution, the same sequence for the same seed.
///
/// A random full board loses cells in random order as long as the puzzle stays within its difficulty.
public struct SudokuGenerator: Sendable {
  /// The reasoning a puzzle asks for.
  public enum Difficulty: String, Sendable, Hashable, CaseIterable {
    /// Every step is a cell with one candidate.
    case easy
    /// Singles suffice, but some digit must be found by having one place in a row, column or box.
    case medium
    /// Singles do not suffice, so that a guess is needed.
    case hard
  }

  public let size: SudokuSize
  /// How many cells are left blank; nil for as many as the difficulty permits.
  public let blanks: ClosedRange<Int>?
  /// Nil for any difficulty.
  public let difficulty: Difficulty?
  /// Which solved boards puzzles may have for solutions; nil for any. A generator of none never returns.
  private let solutions: (@Sendable ([UInt8]) -> Bool)?
  private var random: CounterRandom
  private let solver = SudokuSolver()

  public init(
    size: SudokuSize, seed: UInt64, blanks: ClosedRange<Int>? = nil, difficulty: Difficulty? = nil,
    solutions: (@Sendable ([UInt8]) -> Bool)? = nil
  ) throws(SudokuGeneratorError) {
    let lowerBounds = 0...Self.maximumBlankCount(size: size)
    if let blanks, !lowerBounds.contains(blanks.lowerBound) || blanks.upperBound > size.cellCount {
      throw SudokuGeneratorError(blanks: blanks, size: size)
    }
    self.init(
      size: size, random: CounterRandom(seed: seed), blanks: blanks, difficulty: difficulty, solutions: solutions)
  }

  /// For blanks that the size permits.
  init(
    size: SudokuSize, random: CounterRandom, blanks: ClosedRange<Int>?, difficulty: Difficulty?,
    solutions: (@Sendable ([UInt8]) -> Bool)?
  ) {
    self.size = size
    self.random = random
    self.blanks = blanks
    self.difficulty = difficulty
    self.solutions = solutions
  }

  /// The next puzzle: blanks always in the range, the difficulty where the size and the blanks allow it.
  ///
  /// - Every 4x4 puzzle with one solution is easy, whatever is asked (checked for all 565,820 of them whose
  ///   first row is 1 2 3 4, to which renaming digits leads every other).
  /// - A larger board with few blanks may never ask for a guess. After `attemptLimit` tries the hardest one
  ///   is returned; its own `difficulty` says how hard it is.
  public mutating func next() -> SudokuPuzzle {
    var hardest = attempt()
    guard size != .four else { return hardest }
    for _ in 1..<Self.attemptLimit where !accepts(hardest) {
      let other = attempt()
      if accepts(other) || grade(other) > grade(hardest) { hardest = other }
    }
    return hardest
  }

  /// Tries for one puzzle: 1 in 20 minimal 6x6 puzzles is hard, so that one miss in 100,000 is left.
  static let attemptLimit = 256

  private mutating func attempt() -> SudokuPuzzle {
    while true {
      let answer = randomBoard()
      guard solutions?(answer) ?? true else { continue }
      let range = blanks ?? size.cellCount...size.cellCount
      let target = range.lowerBound + random.index(below: range.count)
      let question = digging(answer, target: target)
      let guesses = solver.guessCount(question, size: size) ?? 0
      let puzzle = SudokuPuzzle(unchecked: size, question: question, answer: answer, difficulty: guesses)
      if puzzle.blankCount >= blanks?.lowerBound ?? 0 { return puzzle }
    }
  }

  private mutating func randomBoard() -> [UInt8] {
    let empty = [UInt8](repeating: 0, count: size.cellCount)
    var search = SudokuSearch(empty, size: size)
    search?.random = CounterRandom(seed: random.next())
    _ = search?.countSolutions(atMost: 1)
    guard let board = search?.firstSolution else {
      preconditionFailure("an empty \(size) board must have a solution")
    }
    return board
  }

  private mutating func digging(_ answer: [UInt8], target: Int) -> [UInt8] {
    var question = answer
    var blankCount = 0
    for cell in random.shuffled(answer.indices) where blankCount < target {
      question[cell] = 0
      if permits(question) { blankCount += 1 } else { question[cell] = answer[cell] }
    }
    return question
  }

  private func permits(_ question: [UInt8]) -> Bool {
    switch difficulty {
    case .easy: solver.suffices(.nakedSingles, for: question, size: size)
    case .medium: solver.suffices(.allSingles, for: question, size: size)
    case .hard, nil: solver.solutionCount(question, size: size, atMost: 2) == 1
    }
  }

  private func accepts(_ puzzle: SudokuPuzzle) -> Bool {
    switch difficulty {
    case .easy, nil: true
    case .medium: grade(puzzle) == 1
    case .hard: grade(puzzle) > 1
    }
  }

  /// 0 if easy, 1 if medium, above that the harder the more guesses.
  private func grade(_ puzzle: SudokuPuzzle) -> Int {
    guard puzzle.difficulty == 0 else { return 1 + puzzle.difficulty }
    return solver.suffices(.nakedSingles, for: puzzle.question, size: size) ? 0 : 1
  }
}
