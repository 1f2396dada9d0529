import Foundation
import Puzzles
import Recurve
import TestSupport
import Testing

@testable import TinyRecursion

/// ARC tasks from a folder to the vote over forms.
@Suite struct ARCTrainingTests {
  /// Two tasks: to mirror, with two tests, and to fill a square.
  private static let files = [
    "a1.json": """
    {"train": [{"input": [[1, 2]], "output": [[2, 1]]}, {"input": [[3, 0, 4]], "output": [[4, 0, 3]]}],
     "test": [{"input": [[5, 6]], "output": [[6, 5]]}, {"input": [[7, 8]], "output": [[8, 7]]}]}
    """,
    "b2.json": """
    {"train": [{"input": [[1]], "output": [[1, 1], [1, 1]]}], "test": [{"input": [[2]], "output": [[2, 2], [2, 2]]}]}
    """,
  ]

  private static func withTasks<Result>(_ body: (_ folder: String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
      return try body(folder)
    }
  }

  private static func source(_ folder: String, forms: Int) throws -> ARCSource {
    try ARCSource(path: folder, side: 5, forms: forms, seed: 3)
  }

  @Test func everyFormOfATaskIsAPuzzle() throws {
    try Self.withTasks { folder in
      let source = try Self.source(folder, forms: 4)
      #expect(source.tasks.map(\.name) == ["a1", "b2"] && source.puzzleCount == 8 && source.questions.count == 12)
      let batch = source.heldOut(batch: 12)(0, Array(0..<12))
      #expect(batch.puzzles == [0, 0, 4, 1, 1, 5, 2, 2, 6, 3, 3, 7])
      #expect(Array(batch.questions.prefix(3)) == [7, 8, 1] && Array(batch.answers.prefix(3)) == [8, 7, 1])
      #expect(source.heldOut(batch: 12)(1, [3]).questions == source.heldOut(batch: 12)(0, [3]).questions)
    }
  }

  /// The second task is one colour in a square: of 200 forms it has 72 at most, and what was asked for the first.
  @Test func tasksMayHaveFewerForms() throws {
    try Self.withTasks { folder in
      let source = try Self.source(folder, forms: 200)
      let counts = source.forms.map(\.count)
      #expect(counts == [200, 72] && source.puzzleCount == 272)
      #expect(source.questionCount == 2 * 200 + 72 && source.questions.count == source.questionCount)
      let batch = source.heldOut(batch: 1)
      let puzzles = source.questions.indices.map { batch($0, [0]).puzzles[0] }
      #expect(Set(puzzles) == Set(0..<272))
      let last = try #require(source.questions.last)
      #expect(last.task == 0 && last.form == 199 && puzzles.last == 199)
      let shown = source.training(batch: 500)(0, Array(0..<500)).puzzles
      #expect(Set(shown).isSubset(of: Set(0..<272)) && shown.count { $0 >= 200 } > 200, "tasks in equal shares")
    }
  }

  /// Forms undone, a training grid is one of the demonstrations; tests never appear.
  @Test func trainingShowsDemonstrationsAlone() throws {
    try Self.withTasks { folder in
      let source = try Self.source(folder, forms: 4)
      let batch = source.training(batch: 64)(5, Array(0..<64))
      #expect(batch.answers == source.training(batch: 64)(5, Array(0..<64)).answers && batch.puzzles.count == 64)
      var corners = 0
      for row in 0..<64 {
        let tokens = Array(batch.answers[row * 25..<(row + 1) * 25])
        guard let grid = source.canvas.grid(tokens) else { continue }
        corners += 1
        let (task, form) = (Int(batch.puzzles[row]) / 4, Int(batch.puzzles[row]) % 4)
        let undone = source.forms[task][form].inverse.applied(to: grid)
        #expect(source.tasks[task].demonstrations.contains { $0.output == undone })
      }
      #expect((1..<64).contains(corners), "some are moved, some are not")
    }
  }

  @Test func formsVote() throws {
    try Self.withTasks { folder in
      let source = try Self.source(folder, forms: 3)
      var evaluation = ARCEvaluation(source)
      let answers = source.heldOut(batch: 10)
      var tokens = answers(0, Array(0..<10)).answers
      // The first form of the first test is wrong, two forms of the last, of which one says nothing.
      tokens[0] = 3
      tokens.replaceSubrange(2 * 25..<3 * 25, with: Array(repeating: 1, count: 25))
      tokens[5 * 25] = tokens[5 * 25] == 5 ? 6 : 5
      let scores = HostTensor([10], Array(repeating: Float(0), count: 10))
      evaluation.add(0, batch: 10, ["answer_tokens": HostTensor([10, 25], tokens), "halting_score": scores])
      let found = evaluation.evaluation
      let values = Dictionary(uniqueKeysWithValues: found.measures.map { ($0.name, $0.value) })
      #expect(found.count == 2 && values["exact_accuracy"] == 6 / 9.0)
      #expect(values["two_guesses_accuracy"] == 1)
      #expect(found.tables[0].rows.map(\.key) == ["a1", "b2"] && found.tables[0].rows[0].values == [1, 1])
    }
  }

  /// Two questions are the tests of the first task, in one form; nothing is said of what was not asked.
  @Test func testsThatNoBatchReachedAreNotJudged() throws {
    try Self.withTasks { folder in
      let source = try Self.source(folder, forms: 3)
      var evaluation = ARCEvaluation(source)
      let scores = HostTensor([2], Array(repeating: Float(0), count: 2))
      let tokens = HostTensor([2, 25], source.heldOut(batch: 2)(0, [0, 1]).answers)
      evaluation.add(0, batch: 2, ["answer_tokens": tokens, "halting_score": scores])
      for (number, loss) in [(4, Float(1)), (5, 4), (6, 100)] {
        // Nine questions in batches of two, then in those that begin anew.
        evaluation.add(
          number + 1, batch: 2, ["answer_tokens": tokens, "halting_score": scores, "loss": .init([], [loss])])
      }
      let found = evaluation.evaluation
      #expect(found.measures.first { $0.name == "loss" } == Measure(name: "loss", value: 0, count: 0))
      #expect(found.count == 1 && found.tables[0].rows.map(\.count) == [2], "one of two tasks")
      #expect(found.measures.first { $0.name == "first_guess_accuracy" }?.value == 1)
    }
  }

  @Test func identitiesDifferWhereTasksOrFormsDo() throws {
    try Self.withTasks { folder in
      let found = try [(3, 3), (4, 3), (3, 4)].map { forms, seed in
        try ARCSource(path: folder, side: 5, forms: forms, seed: UInt64(seed)).identities
      }
      #expect(Set(found).count == 3 && found.allSatisfy { $0.count == 2 && $0[0] != $0[1] })
      #expect(try Self.source(folder, forms: 3).identities == found[0])
    }
  }

  /// As published: of thousands of vectors a step touches those that it sees.
  @Test func vectorsOfPuzzlesAreNotAveraged() throws {
    try Self.withTasks { folder in
      var options = ModelOptions(preset: "arc")
      (options.dataPath, options.batch, options.depth) = (folder, 2, 1)
      let task = try TinyRecursion.family.make(options)
      #expect(task.validationCount == 3 * 16 && task.evaluatedBatches(of: 1000) == 24)
      let recipe = try TinyRecursion.family.recipe(for: options)
      let step = try TrainingStep(task.model.traced(name: "arc").graph, task.optimizer(recipe.optimizer))
      #expect(step.tableUpdates.map(\.description).contains("puzzle: at most 2 rows a step"))
      #expect(step.averages.contains { $0.weight == "readout.weight" })
      #expect(!step.averages.contains { $0.weight == "puzzle" })
    }
  }

  /// Cells without a label are neither right nor wrong.
  @Test func cellsWithoutALabelAreNotCounted() throws {
    try Self.withTasks { folder in
      var options = ModelOptions(preset: "arc")
      (options.dataPath, options.batch) = (folder, 1)
      let task = try TinyRecursion.family.make(options)
      let inputs = try task.freshInputs(0)
      let labels = try #require(inputs.first { $0.name == "labels" }).tensor
      let count = labels.integers.count { $0 != 0 }
      let text = task.describe(inputs: inputs, results: ["answer_tokens": labels])
      #expect(count < 100 && text.hasSuffix("\n\(count) of \(count) cells right"))
    }
  }

  @Test func whatIsNoFolderOfTasksIsRefused() throws {
    func message(_ path: String?, side: Int = 5) -> String {
      do {
        if let path {
          _ = try ARCSource(path: path, side: side, forms: 2, seed: 1)
        } else {
          _ = try TinyRecursion.family.make(ModelOptions(preset: "arc"))
        }
        return ""
      } catch { return "\(error)" }
    }
    #expect(message(nil) == "the preset needs --data with a folder of tasks")
    #expect(
      message("/nowhere") == "needed a file or a folder of tasks that end with .json, found none at /nowhere")
    try Self.withTasks { folder in
      #expect(
        message(folder, side: 2)
          == "\(folder)/a1.json: a grid has 3 cells a side, the canvas 2; --set side=3 makes one that is large enough")
    }
  }

  @Test(.enabled(if: KilledRun.isPossible)) func runsTrainOnFolders() throws {
    try Self.withTasks { folder in
      let run = folder + "/run"
      let training = try CommandRun([
        "train", "tiny-recursion", "--preset", "arc", "--data", folder, "--batch", "2", "--depth", "1", "--threads",
        "1",
        "--steps", "2", "--output", run,
      ])
      #expect(training.status == 0, "\(training.errors)")
      let judged = try CommandRun(["run", run, "--threads", "1", "--batches", "1", "--json"])
      #expect(judged.status == 0 && judged.output.contains("\"two_guesses_accuracy\" : "), "\(judged.errors)")
      #expect(judged.output.contains("\"task\" : \"a1\""), "\(judged.output)")
      let others = folder + "/others"
      try FileManager.default.createDirectory(atPath: others, withIntermediateDirectories: true)
      for (name, text) in Self.files { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(others)/z\(name)")) }
      let strange = try CommandRun(["run", run, "--data", others, "--threads", "1", "--batches", "1"])
      #expect(strange.status == 1 && strange.errors.contains("of other tasks or other forms"), "\(strange.errors)")
      let resumed = ["train", "--resume", run, "--threads", "1", "--steps", "3", "--accept-changes"]
      #expect(try CommandRun(resumed).status == 0)
      try Data("{}".utf8).write(to: URL(fileURLWithPath: folder + "/c3.json"))
      let changed = try CommandRun(["train", "--resume", run, "--threads", "1"])
      #expect(changed.status == 1 && changed.errors.contains("--data: the run has \(folder)"), "\(changed.errors)")
    }
  }
}
