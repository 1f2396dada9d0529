import Testing

@testable import Puzzles

@Suite struct SudokuBatchesTests {
  private func puzzles(_ count: Int) throws -> [SudokuPuzzle] {
    var generator = try SudokuGenerator(size: .four, seed: 21)
    return (0..<count).map { _ in generator.next() }
  }

  private func batches(_ count: Int, of batchSize: Int, seed: UInt64 = 1, augment: Bool = false) throws
    -> SudokuBatches
  {
    try SudokuBatches(puzzles: puzzles(count), batchSize: batchSize, seed: seed, augment: augment)
  }

  /// The puzzles of batches in order, each as its tokens of question and answer.
  private func rows(_ batches: [SudokuBatch]) -> [[Int32]] {
    batches.flatMap { batch in
      (0..<batch.puzzleCount).map { row in
        Array(batch.inputs[row * 16..<(row + 1) * 16] + batch.labels[row * 16..<(row + 1) * 16])
      }
    }
  }

  @Test func tokens() throws {
    let puzzle = try SudokuPuzzle(
      size: .four, question: Examples.four, answer: Examples.fourAnswer, difficulty: 0)
    let batch = SudokuBatch([puzzle, puzzle])
    #expect(batch.puzzleCount == 2)
    #expect(batch.inputs.count == 32)
    #expect(batch.inputs.prefix(6) == [2, 1, 1, 5, 1, 5])
    #expect(batch.labels.suffix(4) == [5, 3, 4, 2])
  }

  @Test func digitsOfTokens() {
    #expect((Int32(-1)...6).map { SudokuBatch.digit($0, size: .four) } == [nil, nil, 0, 1, 2, 3, 4, nil])
    #expect((UInt8(0)...9).allSatisfy { SudokuBatch.digit(SudokuBatch.token($0), size: .nine) == $0 })
  }

  @Test(arguments: [false, true])
  func pureFunctionOfSeedAndIndex(augment: Bool) throws {
    let unbroken = try batches(7, of: 3, augment: augment)
    let resumed = try batches(7, of: 3, augment: augment)
    let expected = (0..<9).map { unbroken.batch($0) }
    #expect((0..<9).reversed().map { resumed.batch($0) } == expected.reversed())
    #expect(try batches(7, of: 3, seed: 2, augment: augment).batch(0) != expected[0])
  }

  @Test(arguments: [1, 2, 4, 12])
  func epochHasEachPuzzleOnce(batchSize: Int) throws {
    let batches = try batches(12, of: batchSize)
    #expect(batches.batchesPerEpoch == 12 / batchSize)
    let all = Set(rows([SudokuBatch(batches.puzzles)]))
    for epoch in 0..<3 {
      let indices = epoch * batches.batchesPerEpoch..<(epoch + 1) * batches.batchesPerEpoch
      let seen = rows(indices.map { batches.batch($0) })
      #expect(seen.count == 12)
      #expect(Set(seen) == all)
    }
  }

  /// Seven puzzles in batches of three: after seven batches each has appeared three times.
  @Test func unevenBatchesDropNothing() throws {
    let batches = try batches(7, of: 3)
    #expect(batches.batchesPerEpoch == 3)
    let seen = rows((0..<7).map { batches.batch($0) })
    let counts = Dictionary(grouping: seen, by: \.self).mapValues(\.count)
    #expect(counts.count == 7)
    #expect(counts.values.allSatisfy { $0 == 3 })
  }

  @Test func epochsHaveDifferentOrders() throws {
    let batches = try batches(12, of: 12)
    #expect(Set((0..<5).map { batches.batch($0) }).count == 5)
  }

  @Test func batchLargerThanTheData() throws {
    #expect(Set(rows([try batches(2, of: 5).batch(0)])).count == 2)
  }

  @Test func augmentationChangesEachAppearance() throws {
    let batches = try batches(1, of: 8, augment: true)
    let seen = rows((0..<4).map { batches.batch($0) })
    #expect(Set(seen).count > 20)
    for row in seen {
      let digits = row.map { UInt8($0 - 1) }
      let question = Array(digits.prefix(16))
      #expect(SudokuSolver().solve(question, size: .four) == Array(digits.suffix(16)))
    }
  }

  @Test func errors() throws {
    var generator = try SudokuGenerator(size: .six, seed: 1)
    let mixed = try puzzles(1) + [generator.next()]
    #expect(message([], batchSize: 4) == "batches need at least 1 puzzle, got 0")
    #expect(message(try puzzles(1), batchSize: 0) == "batch size must be at least 1, got 0")
    #expect(
      message(mixed, batchSize: 4)
        == "puzzles of a batch must have one size, got 4x4 at index 0 and 6x6 at index 1")
  }

  private func message(_ puzzles: [SudokuPuzzle], batchSize: Int) -> String? {
    do {
      _ = try SudokuBatches(puzzles: puzzles, batchSize: batchSize, seed: 0, augment: false)
      return nil
    } catch {
      return error.description
    }
  }
}
