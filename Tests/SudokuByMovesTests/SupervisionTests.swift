import Puzzles
import Recurve
import TestSupport
import Testing
import TinyRecursion

@testable import SudokuByMoves

/// Models that say all cells at once, played beside those of moves on the same puzzles.
@Suite struct SupervisionTests {
  private static let sizes: TinyRecursion.Sizes = {
    var sizes = TinyRecursion.Sizes(batch: 4, side: 4, width: 16, heads: 2, inner: 16, registers: 1)
    (sizes.cycles, sizes.updates, sizes.variant) = (2, 1, .mixer)
    return sizes
  }()

  private static func puzzles(batch: Int = 4) throws -> MovePuzzles {
    try MovePuzzles(.four, path: nil, batch: batch, seed: 1)
  }

  /// To the depth K is what K consecutive steps of the model lead to, the first of them from fresh states.
  @Test func depthsAreSupervisionSteps() throws {
    let (sizes, batch) = (Self.sizes, try Self.puzzles().heldOut(0))
    let trainer = try Trainer(TinyRecursion(sizes), optimizer: .adamW(), seed: 3)
    let player = try SupervisionPlayer(sizes, trainer.store)
    let grids = try player.played(batch, to: [3, 1, 2])
    let shape = Shape([4, 16])
    var needed: [[Int32]] = []
    for step in 1...3 {
      let results = try trainer.evaluate(
        [
          "tokens": HostTensor(shape, batch.inputs), "labels": HostTensor(shape, batch.labels),
          "fresh": HostTensor([4], .bool(Array(repeating: step == 1, count: 4))),
        ], continuing: step > 1)
      let tokens = try #require(results["answer_tokens"]).integers
      needed.append(tokens.map { max($0 - 1, 0) })
    }
    #expect(grids == [needed[2], needed[0], needed[1]] && Set(grids).count > 1)
    // Whatever was played before.
    #expect(try player.played(batch, to: [1]) == [needed[0]])
  }

  /// Of answers that are known: blanks that are right, all cells, and no ceiling.
  @Test func measurementsCountBlanksAndCells() throws {
    struct Known: SudokuPlayer {
      let stepName = "supervision step"
      let cellsPerStep: Int? = nil

      /// The first puzzle alone; then all blanks, one of what is given wrong; then nothing.
      func played(_ puzzles: SudokuBatch, to depths: [Int]) throws -> [[Int32]] {
        let answers = puzzles.labels.map { $0 - 1 }
        let given = puzzles.inputs.firstIndex { $0 != SudokuBatch.token(0) } ?? 0
        var other = answers
        other[given] = answers[given] % 4 + 1
        let nothing = puzzles.inputs.map { $0 - 1 }
        return [Array(answers.prefix(16) + nothing.dropFirst(16)), other, nothing]
      }
    }
    let found = try Known().measured(on: Self.puzzles(), depths: [1, 2, 3], batches: 1)
    #expect(found.map(\.depth) == [1, 2, 3] && found.allSatisfy { $0.ceiling == nil })
    #expect(found.map(\.accuracy) == [0.25, 1, 0] && found.map(\.precision) == [1, 1, 0])
    #expect(found.map(\.solved) == [0.25, 0.75, 0])
  }

  /// The folder of a run with first weights.
  private static func write(_ options: ModelOptions, to path: String) throws {
    let recipe = try TinyRecursion.family.recipe(for: options)
    let record = try RunRecord(TinyRecursion.family, options, recipe)
    try record.write(to: RunFolder(path).record)
    if RunFolder(path).holdsCheckpoint { return }
    let task = try TinyRecursionTask(record.options)
    let session = try TrainingSession(task, optimizer: task.optimizer(recipe.optimizer), seed: record.seed)
    try session.save(to: RunFolder(path).checkpoint)
  }

  @Test func puzzlesAreThoseOfMoves() throws {
    try withTemporaryFolder { (folder: String) throws in
      let small = ModelOptions(preset: "nano", batch: 2, depth: 1, seed: 5, settings: ["updates": "1"])
      try Self.write(small, to: folder)
      let played = try PlayedRun(folder, data: nil)
      let four = try SudokuByMovesTask(ModelOptions(preset: "4x4", seed: 5)).puzzles
      #expect(played.puzzles.heldOut(1) == four.heldOut(1) && four.heldOut(1).puzzleCount == 128)
      #expect(four.heldOut(1).inputs.count { $0 == SudokuBatch.token(0) } == 8 * 128)
      let found = try played.player().measured(on: played.puzzles, depths: [1, 2], batches: 1)
      #expect(found.allSatisfy { $0.ceiling == nil && $0.solved <= $0.accuracy && (0...1).contains($0.precision) })
      #expect(played.doubt == nil && found.count == 2)
      try Self.write(ModelOptions(preset: "mini", seed: 5), to: folder)
      let nine = try PlayedRun(folder, data: nil).puzzles
      #expect(nine.size == .nine && nine.batchSize == 64)
    }
  }

  @Test func otherRunsAreRefused() throws {
    try withTemporaryFolder { (folder: String) throws in
      func refusal() -> String {
        do { _ = try PlayedRun(folder, data: nil) } catch {
          return "\(error)".replacingOccurrences(of: folder, with: "run")
        }
        return ""
      }
      #expect(refusal() == "run is no folder of a run; needs one that `recurve train` has made")
      try Self.write(ModelOptions(preset: "nano", batch: 2, depth: 1), to: folder)
      try Self.write(ModelOptions(preset: "maze"), to: folder)
      #expect(refusal() == "run is a run of maze puzzles, needs one of sudoku puzzles")
      var record = try RunRecord(path: RunFolder(folder).record)
      record.family = "character-gpt"
      try record.write(to: RunFolder(folder).record)
      #expect(refusal() == "run is a run of character-gpt, needs one of sudoku-by-moves or tiny-recursion")
    }
  }
}
