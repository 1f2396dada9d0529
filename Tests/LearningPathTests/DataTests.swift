import Puzzles
import Recurve
import Testing

@testable import LearningPath

/// The tasks are what they say.
@Suite struct DataTests {
  @Test func truthTables() {
    #expect(TruthTable.xor.inputs == [[0, 0], [0, 1], [1, 0], [1, 1]])
    #expect(TruthTable.xor.outputs == [[0], [1], [1], [0]])
    #expect(TruthTable.fullAdder.outputs == [[0, 0], [1, 0], [1, 0], [0, 1], [1, 0], [0, 1], [0, 1], [1, 1]])
    #expect(TruthTable.halfAdder.outputs == [[0, 0], [1, 0], [1, 0], [0, 1]])
    #expect(TruthTable.parity.outputs.flatMap { $0 } == [0, 1, 1, 0, 1, 0, 0, 1])
    #expect(TruthTable.majority.outputs.flatMap { $0 } == [0, 0, 0, 1, 0, 1, 1, 1])
  }

  @Test func dihedralMapsFormTheGroup() {
    let grid: [Float] = [1, 1, 0, 0, 1, 0, 0, 0, 0]
    #expect(Set((0..<8).map { DihedralGrids.turned(grid, by: $0) }).count == 8)
    #expect(DihedralGrids.turned(grid, by: 0) == grid)
    #expect((0..<4).reduce(grid) { turned, _ in DihedralGrids.turned(turned, by: 1) } == grid)
    #expect(DihedralGrids.turned(DihedralGrids.turned(grid, by: 4), by: 4) == grid)
    #expect(Set(DihedralGrids.all.inputs).count == DihedralGrids.all.count, "no pair has two answers")
  }

  @Test func gapsHaveTheirNumbers() {
    #expect(GapSequences.all.count == 500)
    for (digits, solution) in GapSequences.all {
      #expect(digits.count { $0 == 10 } == 1 && zip(digits, solution).allSatisfy { $0 == 10 || $0 == $1 })
      let steps = zip(solution, solution.dropFirst()).map { ($1 - $0 + 10) % 10 }
      #expect(Set(steps).count == 1)
    }
  }

  @Test func sumsAreRightAfterEveryTerm() throws {
    let tensors = SignedSums.tensors(of: .training, batch: 64, seed: 1, stream: 3)
    let (terms, results) = (try #require(tensors["terms"]).integers, try #require(tensors["results"]).integers)
    var counts: Set<Int> = []
    for example in 0..<64 {
      var (sum, count) = (0, 0)
      for step in 0..<SignedSums.termCount {
        let token = Int(terms[step * 64 + example])
        if token < 2 * SignedSums.modulus {
          count += 1
          sum += token < SignedSums.modulus ? token : SignedSums.modulus - token
        }
        #expect(Int(results[step * 64 + example]) == ((sum % 20) + 20) % 20)
      }
      counts.insert(count)
    }
    #expect(counts == [2, 3, 4])
    #expect(SignedSums.tensors(of: .training, batch: 64, seed: 1, stream: 4) != tensors)
  }

  /// No sum is in both parts; there are some of every length in both.
  @Test func testedSumsAreNeverTrained() throws {
    func sums(_ part: SignedSums.Part) throws -> Set<[Int32]> {
      let terms = try #require(SignedSums.tensors(of: part, batch: 4096, seed: 1, stream: 0)["terms"]).integers
      return Set((0..<4096).map { example in (0..<4).map { terms[$0 * 4096 + example] } })
    }
    let (training, test) = (try sums(.training), try sums(.test))
    #expect(training.isDisjoint(with: test))
    // Results on the way are trained: no beginning that is tested is one of training.
    func beginnings(_ sums: Set<[Int32]>) -> Set<ArraySlice<Int32>> {
      Set(sums.flatMap { [$0.prefix(2), $0.prefix(3)] })
    }
    #expect(beginnings(training).isDisjoint(with: beginnings(test)))
    for part in [training, test] {
      #expect(Set(part.map { sum in sum.count { $0 < 2 * Int32(SignedSums.modulus) } }) == [2, 3, 4])
    }
  }

  @Test func sudokusOfTheTestAreNewBoards() throws {
    let puzzles = try GridPuzzles.sudokus(blanks: 2...10, training: 300, test: 90, seed: 5)
    #expect(puzzles.training.count == 300 && puzzles.test.count == 90)
    let seen = Set(puzzles.training.map(\.answer))
    #expect(puzzles.test.allSatisfy { !seen.contains($0.answer) })
    #expect(Set(puzzles.test.map(\.blankCount)) == Set(2...10))
    for puzzle in puzzles.test { #expect(zip(puzzle.question, puzzle.answer).allSatisfy { $0 == 1 || $0 == $1 }) }
  }

  @Test func patternsHaveOneCompletion() {
    let puzzles = GridPuzzles.patternPuzzles(blanks: 4...11, training: 60, test: 30, seed: 5)
    let seen = Set(puzzles.training.map(\.answer))
    for puzzle in puzzles.test {
      #expect(!seen.contains(puzzle.answer) && (4...11).contains(puzzle.blankCount))
      let fits = GridPuzzles.patterns.filter { zip($0, puzzle.question).allSatisfy { $1 == 1 || $0 == $1 } }
      #expect(fits == [puzzle.answer])
    }
  }

  @Test func batchesCoverTheTrainingPuzzles() throws {
    let puzzles = try GridPuzzles.sudokus(blanks: 4...4, training: 32, test: 8, seed: 1)
    let epoch = (0..<4).flatMap { puzzles.trainingBatch($0, batch: 8, seed: 2).questions }
    let rows = stride(from: 0, to: epoch.count, by: 16).map { Array(epoch[$0..<$0 + 16]) }
    #expect(
      rows.sorted { $0.lexicographicallyPrecedes($1) }
        == puzzles.training.map(\.question).sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test func haltingTakesTheFirstStepAboveTheThreshold() {
    let outcome = HaltingOutcome(blankCount: 3, isSolved: [false, false, true], scores: [-1, 0.1, 3])
    #expect(outcome.haltedAfter() == 2 && outcome.depth() == 2 && !outcome.isSolvedWhenHalted())
    #expect(outcome.haltedAfter(0.9) == 3 && outcome.isSolvedWhenHalted(0.9))
    #expect(outcome.haltedAfter(0.99) == nil && outcome.depth(0.99) == 3 && outcome.isSolvedWhenHalted(0.99))
  }
}
