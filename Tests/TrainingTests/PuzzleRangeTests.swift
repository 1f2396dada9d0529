import Foundation
import Recurve
import TestSupport
import Testing

@testable import TinyRecursion

/// Which puzzles are generated is a setting of the model, which its runs keep.
@Suite struct PuzzleRangeTests {
  private static func sizes(_ preset: String, _ settings: [String: String]) throws -> TinyRecursion.Sizes {
    try TinyRecursion.Sizes(ModelOptions(preset: preset, batch: 4, settings: settings))
  }

  @Test func rangesAreReadAndUsualWithout() throws {
    #expect(try Self.sizes("nano", ["blanks": "11-12"]).blanks == 11...12)
    #expect(try Self.sizes("mini", ["blanks": "58"]).blanks == 58...58)
    #expect(try Self.sizes("maze-reference", ["lengths": "111-273"]).lengths == 111...273)
    let usual = try Self.sizes("maze", ["blanks": "usual", "lengths": "usual"])
    #expect(usual.blanks == nil && usual.lengths == nil)
    #expect(try TinyRecursion.family.completed(ModelOptions()).settings["blanks"] == "usual")
    #expect((3...3).boundsText == "3-3")
  }

  @Test(arguments: [
    ("nano", "blanks", "11-13", "usual, a number or a range within 0-12"),
    ("nano", "blanks", "12-11", "usual, a number or a range within 0-12"),
    ("nano", "blanks", "", "usual, a number or a range within 0-12"),
    ("nano", "blanks", "-3", "usual, a number or a range within 0-12"),
    ("nano", "blanks", "1-2-3", "usual, a number or a range within 0-12"),
    ("nano", "blanks", "99999999999999999999", "usual, a number or a range within 0-12"),
    ("micro", "blanks", "28", "usual, a number or a range within 0-27"),
    ("mini", "blanks", "many", "usual, a number or a range within 0-58"),
    ("maze", "lengths", "1-3", "usual, a number or a range within 2-27"),
    ("maze", "lengths", "28", "usual, a number or a range within 2-27"),
    ("maze", "blanks", "5", "usual, since the preset has no Sudokus"),
    ("arc", "blanks", "5", "usual, since the preset has no Sudokus"),
    ("nano", "lengths", "5", "usual, since the preset has no mazes"),
  ])
  func impossibleRangesAreRefused(_ preset: String, _ name: String, _ value: String, _ needed: String) {
    let error = #expect(throws: ModelFamilyError.self) { try Self.sizes(preset, [name: value]) }
    #expect(error?.description == "setting \(name) is '\(value)', needs \(needed)" && error?.isUsage == true)
  }

  @Test func puzzlesOfFilesHaveTheirOwn() {
    let options = ModelOptions(preset: "nano", dataPath: "/nowhere/x.csv", settings: ["blanks": "5"])
    let error = #expect(throws: ModelFamilyError.self) { try TinyRecursionTask(options) }
    #expect(
      error?.description == "setting blanks is '5', needs usual, since the puzzles of a file are as they are")
  }

  @Test func trainingAndEvaluationHavePuzzlesWithin() throws {
    let sudokus = try TinyRecursionTask.Source(try Self.sizes("nano", ["blanks": "5-7"]), path: nil, seed: 2)
    let mazes = try TinyRecursionTask.Source(try Self.sizes("maze", ["lengths": "20-22"]), path: nil, seed: 2)
    for number in 0..<3 {
      for rows in [sudokus.training, sudokus.heldOut] {
        let questions = rows(number, [0, 1, 2, 3]).questions
        let blanks = (0..<4).map { row in questions[row * 16..<(row + 1) * 16].count { $0 == 1 } }
        #expect(Set(blanks) == [5, 6, 7], "four in a row have all three counts")
      }
      for rows in [mazes.training, mazes.heldOut] {
        let answers = rows(number, [0, 1, 2, 3]).answers
        let lengths = (0..<4).map { row in answers[row * 81..<(row + 1) * 81].count { $0 == 5 } + 1 }
        #expect(Set(lengths) == [20, 21, 22])
      }
    }
    let options = ModelOptions(preset: "nano", batch: 4, depth: 1, settings: ["blanks": "11-12"])
    let found = try TinyRecursion.family.make(options).evaluation(batches: 2) { inputs, _ in
      let labels = inputs.first { $0.name == "labels" }?.tensor
      return ["answer_tokens": try #require(labels), "halting_score": HostTensor([4], [1, 1, 1, 1] as [Float])]
    }
    #expect(found.tables[1].rows.map(\.key) == ["11", "12"])
  }

  // MARK: Runs

  private static func resumed(_ run: String, _ others: String...) throws -> CommandRun {
    try CommandRun(["train", run, "--resume", "--steps", "2", "--threads", "1"] + others)
  }

  @Test(.enabled(if: KilledRun.isPossible)) func runsKeepThem() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let trained = try CommandRun(CommandRun.training(run, steps: 1, "--set", "blanks=11-12"))
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(try String(contentsOfFile: run + "/run.json", encoding: .utf8).contains("\"blanks\" : \"11-12\""))
      let judged = try CommandRun(["run", run, "--batches", "2", "--json", "--threads", "1"]).output
      let keys = judged.matches(of: #/"blanks" : (\d+)/#).map { String($0.output.1) }
      #expect(keys == ["11", "12"], "\(judged)")
      let solved = try CommandRun(["solve", "sudoku", "1..4..1.2..3.3..", "--run", run, "--threads", "1"])
      #expect(solved.output.contains("step 1, right with probability"), "\(solved.errors)")
      let other = try Self.resumed(run, "--set", "blanks=5")
      #expect(other.status == 64 && other.errors.contains("--set blanks: the run has 11-12, now it is 5"))
      #expect(try Self.resumed(run).status == 0)
      let impossible = try CommandRun(CommandRun.training(folder + "/x", steps: 1, "--set", "blanks=13"))
      #expect(impossible.status == 64 && impossible.errors.contains("setting blanks is '13', needs usual, a number"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/x"))
    }
  }

  /// A run that began before there was a setting has had the standard value of it.
  @Test(.enabled(if: KilledRun.isPossible)) func runsOfBeforeHaveTheUsualOnes() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      #expect(try CommandRun(CommandRun.training(run, steps: 1)).status == 0)
      let path = run + "/run.json"
      let record = try String(contentsOfFile: path, encoding: .utf8)
      let before = record.replacing(#/"(?:blanks|lengths)" : "usual",\s*/#, with: "")
      #expect(!before.contains("usual"), "\(before)")
      try before.write(toFile: path, atomically: true, encoding: .utf8)
      let other = try Self.resumed(run, "--set", "blanks=5")
      #expect(other.status == 64 && other.errors.contains("--set blanks: the run has usual, now it is 5"))
      #expect(try Self.resumed(run).status == 0)
      #expect(try String(contentsOfFile: path, encoding: .utf8).contains("\"blanks\" : \"usual\""))
    }
  }
}
