import TensorTypes
import Testing

@testable import Puzzles

/// What is held out never gets into training, whatever form it takes.
@Suite struct SudokuSplitTests {
  private static let empty = [UInt8](repeating: 0, count: 16)

  @Test func smallBoardsAreAllKnown() {
    let boards = SudokuSolver().solutions(Self.empty, size: .four, atMost: 1000)
    #expect(boards.count == 288 && Set(boards).count == 288)
    let split = SudokuSplit(size: .four)
    #expect(boards.count { split.isHeldOut($0) } == 58)
  }

  @Test(arguments: [SudokuSize.six, .nine])
  func aSixteenthOfTheLargerBoardsIsHeldOut(size: SudokuSize) throws {
    let split = SudokuSplit(size: size)
    var generator = try SudokuGenerator(size: size, seed: 3, blanks: 0...0)
    let boards = (0..<320).map { _ in generator.next().answer }
    #expect((8...36).contains(boards.count { split.isHeldOut($0) }))
  }

  /// Augmentation renames digits: a board under other names would be trained.
  @Test func boardsUnderOtherNamesAreHeldOutTogether() throws {
    var generator = try SudokuGenerator(size: .nine, seed: 4)
    let puzzles = (0..<40).map { _ in generator.next() }
    func renamed(_ board: [UInt8]) -> [UInt8] { board.map { $0 == 0 ? 0 : $0 % 9 + 1 } }
    let others = try puzzles.map {
      try SudokuPuzzle(size: .nine, question: renamed($0.question), answer: renamed($0.answer), difficulty: 0)
    }
    for split in [SudokuSplit(size: .nine), try SudokuSplit(of: puzzles), try SudokuSplit(of: puzzles + others)] {
      for (puzzle, other) in zip(puzzles, others) {
        #expect(split.isHeldOut(puzzle.answer) == split.isHeldOut(other.answer))
      }
    }
    let split = try SudokuSplit(of: puzzles + others)
    #expect(puzzles.count { split.isHeldOut($0.answer) } == Set(puzzles.map(\.answer)).count / 16)
  }

  /// Hundreds of forms of every training board, of which most would be held out without the split.
  @Test func noAugmentedSolutionIsHeldOut() throws {
    let split = SudokuSplit(size: .four)
    let boards = SudokuSolver().solutions(Self.empty, size: .four, atMost: 288)
    let kept = boards.filter { !split.isHeldOut($0) }.map {
      SudokuPuzzle(unchecked: .four, question: $0, answer: $0, difficulty: 0)
    }
    func answers(_ split: SudokuSplit?) throws -> [[UInt8]] {
      let batches = try SudokuBatches(puzzles: kept, batchSize: 46, seed: 9, augment: true, avoiding: split)
      return (0..<50).flatMap { number in
        let labels = batches.batch(number).labels
        return stride(from: 0, to: labels.count, by: 16).map { labels[$0..<$0 + 16].map { UInt8($0 - 1) } }
      }
    }
    let (found, careless) = (try answers(split), try answers(nil))
    #expect(found.count == 2300 && !found.contains { split.isHeldOut($0) })
    #expect(Set(found).count == 230, "every training board appears")
    #expect(careless.contains { split.isHeldOut($0) })
    #expect(try answers(split) == found)
  }

  @Test func heldOutPuzzlesAreNoTrainingPuzzles() throws {
    let split = SudokuSplit(size: .four)
    let held = SudokuSolver().solutions(Self.empty, size: .four, atMost: 288).filter { split.isHeldOut($0) }
    let puzzles = [SudokuPuzzle(unchecked: .four, question: held[0], answer: held[0], difficulty: 0)]
    let error = #expect(throws: SudokuBatchesError.self) {
      try SudokuBatches(puzzles: puzzles, batchSize: 1, seed: 0, augment: true, avoiding: split)
    }
    #expect(error?.description == "puzzles of a batch must not be held out, the one at index 0 is")
  }

  @Test func filesAreSplitBySolutions() throws {
    var generator = try SudokuGenerator(size: .four, seed: 5)
    let puzzles = (0..<200).map { _ in generator.next() }
    let split = try SudokuSplit(of: puzzles)
    let solutions = Set(puzzles.map(\.answer))
    #expect(solutions.count { split.isHeldOut($0) } == solutions.count / 16)
    #expect(try SudokuSplit(of: puzzles.reversed()).isHeldOut(puzzles[7].answer) == split.isHeldOut(puzzles[7].answer))
    func message(_ puzzles: [SudokuPuzzle]) -> String? {
      #expect(throws: SudokuSplitError.self) { try SudokuSplit(of: puzzles) }?.description
    }
    #expect(
      message([puzzles[0], puzzles[0]])
        == "puzzles must have at least 2 solutions between them, so that one can be held out, got 1")
    #expect(message([]) == "puzzles that are split must be there and have one size")
  }

  // MARK: Streams

  @Test(arguments: SudokuSize.all)
  func streamsAreFunctionsOfTheNumber(size: SudokuSize) throws {
    let stream = try SudokuStream(size: size, seed: 4, part: .training)
    let other = try SudokuStream(size: size, seed: 5, part: .training)
    for number in [0, 3, 1] {
      let puzzle = stream[number]
      #expect(puzzle == stream[number] && puzzle != other[number])
      #expect(puzzle.blankCount == SudokuStream.usualBlanks(size).lowerBound + number)
      #expect(Examples.isValid(puzzle) && SudokuSolver().solutionCount(puzzle.question, size: size) == 1)
    }
  }

  @Test func streamsKeepTheirParts() throws {
    let split = SudokuSplit(size: .four)
    for part in [SudokuStream.Part.training, .heldOut] {
      let stream = try SudokuStream(size: .four, seed: 1, part: part)
      let puzzles = (0..<270).map { stream[$0] }
      #expect(puzzles.allSatisfy { split.isHeldOut($0.answer) == (part == .heldOut) })
      #expect((2...10).allSatisfy { blanks in puzzles.count { $0.blankCount == blanks } == 30 })
    }
  }

  @Test(arguments: [-1...3, 4...13]) func blanksThatNoPuzzleHasAreRefused(_ blanks: ClosedRange<Int>) {
    let error = #expect(throws: SudokuStreamError.self) {
      try SudokuStream(size: .four, seed: 0, blanks: blanks, part: .training)
    }
    #expect(
      error?.description
        == "blanks of 4x4 puzzles must be 0 to 12, got \(blanks.lowerBound) to \(blanks.upperBound)")
  }
}
