import Foundation
import Recurve
import TinyRecursion

/// A Tiny Recursive Model in training on grids, and how it does on those held out.
final class GridTraining {
  let session: TrainingSession
  private let puzzles: GridPuzzles
  private let sizes: TinyRecursion.Sizes

  init(
    _ sizes: TinyRecursion.Sizes, _ puzzles: GridPuzzles, gradient: GradientMode = .last(1), optimizer: Optimizer,
    rate: LearningRate, seed: UInt64, _ options: CompilerOptions
  ) throws {
    self.sizes = sizes
    self.puzzles = puzzles
    let batch = sizes.batch
    let task = try TinyRecursionTask(
      sizes, gradient: gradient, seed: seed,
      training: { puzzles.trainingBatch($0, batch: batch, seed: seed) },
      validation: { puzzles.testBatch($0, batch: batch) })
    session = try TrainingSession(task, optimizer: optimizer, learningRate: rate, seed: seed, options)
  }

  func train(_ count: Int) throws {
    for _ in 0..<count { _ = try session.step() }
  }

  /// Every held-out puzzle through all supervision steps, on the averaged weights where there are such.
  func outcomes() throws -> [HaltingOutcome] {
    try (0..<puzzles.test.count / sizes.batch).flatMap { number in
      var (scores, solved): ([[Float]], [[Float]]) = ([], [])
      for (index, inputs) in try session.task.validationSteps(number).enumerated() {
        let named = Dictionary(uniqueKeysWithValues: inputs.map { ($0.name, $0.tensor) })
        let results = try session.trainer.evaluate(named, continuing: index > 0)
        scores.append(results["halting_score"]?.floats ?? [])
        solved.append(results["solved"]?.floats ?? [])
      }
      return (0..<sizes.batch).map { place in
        HaltingOutcome(
          blankCount: puzzles.test[number * sizes.batch + place].blankCount,
          isSolved: solved.map { $0[place] > 0.5 }, scores: scores.map { $0[place] })
      }
    }
  }
}

/// What a model that can halt did with one held-out puzzle.
struct HaltingOutcome: Sendable {
  let blankCount: Int
  /// After each step, whether the answer was right.
  let isSolved: [Bool]
  /// After each step, the logit of being right.
  let scores: [Float]

  /// The step, from 1, after which the probability of being right exceeds a threshold; nil if it never does.
  func haltedAfter(_ probability: Double = 0.5) -> Int? {
    let score = log(probability / (1 - probability))
    return scores.firstIndex { Double($0) > score }.map { $0 + 1 }
  }

  func depth(_ probability: Double = 0.5) -> Int { haltedAfter(probability) ?? isSolved.count }
  func isSolvedWhenHalted(_ probability: Double = 0.5) -> Bool { isSolved[depth(probability) - 1] }
}
