import TensorTypes
import Testing

@testable import Puzzles

@Suite struct SudokuAugmentationTests {
  private func puzzle(_ size: SudokuSize) throws -> SudokuPuzzle {
    var generator = try SudokuGenerator(size: size, seed: 11)
    return generator.next()
  }

  @Test(arguments: SudokuSize.all)
  func resultsAreProper(size: SudokuSize) throws {
    let puzzle = try puzzle(size)
    var random = CounterRandom(seed: 1)
    for _ in 0..<50 {
      let changed = SudokuAugmentation(size: size, using: &random).applied(to: puzzle)
      #expect(Examples.isValid(changed))
      #expect(changed.blankCount == puzzle.blankCount)
      #expect(changed.difficulty == puzzle.difficulty)
    }
  }

  @Test(arguments: SudokuSize.all)
  func solutionStaysUnique(size: SudokuSize) throws {
    var random = CounterRandom(seed: 2)
    let changed = SudokuAugmentation(size: size, using: &random).applied(to: try puzzle(size))
    #expect(SudokuSolver().solutionCount(changed.question, size: size) == 1)
    #expect(SudokuSolver().solve(changed.question, size: size) == changed.answer)
  }

  @Test(arguments: SudokuSize.all)
  func mapsAreBijections(size: SudokuSize) {
    var random = CounterRandom(seed: 3)
    for _ in 0..<50 {
      let augmentation = SudokuAugmentation(size: size, using: &random)
      #expect(augmentation.digits.first == 0)
      #expect(augmentation.digits.sorted() == Array(0...UInt8(size.side)))
      #expect(augmentation.sources.sorted() == Array(0..<size.cellCount))
    }
  }

  @Test(arguments: [(SudokuSize.four, true), (.six, false), (.nine, true)])
  func onlySquareBoxesAreTransposed(size: SudokuSize, expected: Bool) {
    var random = CounterRandom(seed: 4)
    let transposed = (0..<50).map { _ in
      let sources = SudokuAugmentation(size: size, using: &random).sources
      return sources[0] / size.side != sources[1] / size.side
    }
    #expect(transposed.contains(true) == expected)
    #expect(transposed.contains(false))
  }

  @Test func sameSeedSameAugmentation() {
    var first = CounterRandom(seed: 5)
    var second = CounterRandom(seed: 5)
    let augmentation = SudokuAugmentation(size: .nine, using: &first)
    #expect(SudokuAugmentation(size: .nine, using: &second) == augmentation)
    #expect(SudokuAugmentation(size: .nine, using: &second) != augmentation)
  }
}
