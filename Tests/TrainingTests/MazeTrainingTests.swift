import Foundation
import Puzzles
import Recurve
import TestSupport
import Testing

@testable import TinyRecursion

/// Mazes of a file, from the command to the log.
@Suite struct MazeTrainingTests {
  private static func withMazes(_ count: Int, _ body: (_ folder: String, _ mazes: [Maze]) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let stream = try MazeStream(side: 9, seed: 3, part: .training)
      let mazes = (0..<count).map { stream[$0] }
      try Data(MazeFile.text(mazes).utf8).write(to: URL(fileURLWithPath: folder + "/mazes.csv"))
      try body(folder, mazes)
    }
  }

  @Test func tasksLearnTheMazesOfAFile() throws {
    try Self.withMazes(32) { folder, mazes in
      let options = ModelOptions(preset: "maze", batch: 4, depth: 1, dataPath: folder + "/mazes.csv")
      let task = try TinyRecursionTask(options)
      #expect(task.heldOutCount == 2 && task.kind.difficultyName == "path length")
      let held = task.heldOutGrids(0)
      let split = try MazeSplit(of: mazes)
      let expected = mazes.filter { split.isHeldOut($0) }.map { maze in maze.answer.map { Int32($0.rawValue) } }
      #expect(Set([Array(held.answers[..<81]), Array(held.answers[81..<162])]) == Set(expected))
      let shown = (0..<60).map { task.trainingGrids($0).questions }
      #expect(shown[3] == task.trainingGrids(3).questions && Set(shown).count == 60, "forms are ever new")
      #expect(task.validationCount == 2)
      var asked = 0
      let found = try task.evaluation(batches: 9) { inputs, _ in
        asked += 1
        let labels = inputs.first { $0.name == "labels" }?.tensor
        return ["answer_tokens": try #require(labels), "halting_score": HostTensor([4], [1, 1, 1, 1] as [Float])]
      }
      #expect(asked == 16, "a batch of four has both, and no other has more")
      #expect(found.count == 2 && found.measures.contains { $0.name.hasPrefix("path_length_") && $0.value == 1 })
    }
  }

  @Test(.enabled(if: KilledRun.isPossible)) func commandsTakeMazesOfFiles() throws {
    try Self.withMazes(32) { folder, mazes in
      let run = folder + "/run"
      let train = [
        "train", "tiny-recursion", "--preset", "maze", "--batch", "2", "--depth", "1", "--threads", "1", "--steps", "2",
        "--validate-every", "2", "--validation-batches", "1", "--data",
      ]
      let trained = try CommandRun(train + ["mazes.csv", "--output", run], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let log = try String(contentsOfFile: run + "/log.jsonl", encoding: .utf8)
      for name in ["exact_accuracy", "cell_accuracy"] {
        let pattern = try Regex(#""path_length_[0-9-]+_\#(name)":[0-9.]+"#)
        #expect(log.contains(pattern), "\(log)")
      }
      let judged = try CommandRun(["run", run, "--json", "--threads", "1"]).output
      #expect(judged.contains("\"puzzles\" : 2") && judged.contains("\"held_out\" : true"), "\(judged)")
      #expect(judged.contains("\"path_length\" : ["), "\(judged)")
      let resumed = try CommandRun(["train", run, "--resume", "--steps", "2", "--threads", "1"])
      #expect(resumed.status == 0, "\(resumed.errors)")
      let path = folder + "/wrong.csv"
      let wrong = MazeFile.text(mazes).replacing("S", with: "#", maxReplacements: 1)
      try Data(wrong.utf8).write(to: URL(fileURLWithPath: path))
      let refused = try CommandRun(train + [path, "--output", folder + "/other"])
      #expect(refused.status == 1 && refused.errors.contains("\(path):2: a maze needs one 'S', got none"))
      let small = folder + "/small.txt"
      try Data("S.###\n#.#.#\n#...#\n###.#\n###G#\n".utf8).write(to: URL(fileURLWithPath: small))
      let side = try CommandRun(train + [small, "--output", folder + "/other"])
      #expect(
        side.status == 1
          && side.errors.contains("\(small):1: the maze has side 5, the model needs side 9; --set side=5 makes one"),
        "\(side.errors)")
    }
  }
}
