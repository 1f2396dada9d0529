import Foundation
import Recurve
import TestSupport
import Testing
import TinyRecursion

/// `recurve solve sudoku` as a user types it.
@Suite(.enabled(if: KilledRun.isPossible)) struct SolveCommandTests {
  private static func solve(_ arguments: String...) throws -> CommandRun {
    try CommandRun(["solve", "sudoku"] + arguments)
  }

  @Test func theShippedWeightsSolveAPuzzle() throws {
    let found = try Self.solve("1..4..1.2..3.3..", "--threads", "1")
    #expect(found.status == 0 && found.errors.isEmpty, "\(found.errors)")
    let lines = found.output.split(separator: "\n")
    #expect(lines.last == "1234341221434321")
    #expect(lines.first?.contains(#/^step 1, right with probability \d+\.\d %$/#) == true, "\(found.output)")
  }

  @Test func stepsAreShownAsJSONAndAsAPage() throws {
    try withTemporaryFolder { folder in
      let page = folder + "/x.html"
      let found = try Self.solve("1..4..1.2..3.3..", "--threads", "1", "--steps", "3", "--json", "--html", page)
      #expect(found.status == 0, "\(found.errors)")
      for part in [
        "\"answer\" : \"1234341221434321\"", "\"question\" : \"1..4..1.2..3.3..\"", "\"solved\" : true",
        "\"has_several_solutions\" : false", "\"step\" : 3", "\"halting_probability\" : ",
      ] {
        #expect(found.output.contains(part), "\(found.output)")
      }
      let html = try String(contentsOfFile: page, encoding: .utf8)
      #expect(html.hasPrefix("<!DOCTYPE html>") && html.contains("\"verdict\":\"solved after 3 steps\""))
      #expect(!html.contains("://"), "a page needs no network")
    }
  }

  @Test func severalSolutionsAreSaid() throws {
    let found = try Self.solve("1...............", "--threads", "1")
    #expect(found.errors.contains("the puzzle has several solutions; any of them will do"), "\(found.errors)")
  }

  @Test(arguments: [
    ("1..4..1.2..3.3.", "a puzzle needs 16, 36 or 81 cells, got 15"),
    ("1..4..1.2..3.3.x", "'.' or '0', got 'x' at position 16"),
    ("1..1..1.2..3.3..", "given digits must differ, got 1 twice in row 1"),
    ("123....4........", "the puzzle has no solution"),
    (String(repeating: ".", count: 36), "no weights for 6x6 puzzles come with Recurve; give --run RUN of such a model"),
  ])
  func whatCannotBeSolvedIsRefused(_ puzzle: String, _ message: String) throws {
    let found = try Self.solve(puzzle)
    #expect(found.status == 64 && found.errors.contains(message) && found.output.isEmpty, "\(found.errors)")
  }

  /// A model after two steps of training knows nothing.
  @Test func runsAnswerAndWrongAnswersFail() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      #expect(try CommandRun(CommandRun.training(run, steps: 2)).status == 0)
      let found = try Self.solve("1..4..1.2..3.3..", "--run", run, "--threads", "1", "--steps", "1")
      #expect(found.status == 1)
      #expect(
        found.errors.contains("the model's answer after 1 step is not the solution, which is 1234341221434321"),
        "\(found.errors)")
      let other = try Self.solve(String(repeating: ".", count: 81), "--run", run)
      #expect(other.status == 64 && other.errors.contains("the puzzle is 9x9, the run was trained on 4x4"))
      let none = try Self.solve("1..4..1.2..3.3..", "--run", folder)
      #expect(
        none.errors.contains("--run got '\(folder)', needs the folder of a run of `recurve train` with a checkpoint"))
      #expect(try Self.solve("1..4..1.2..3.3..", "--steps", "0").errors.contains("--steps is 0, needs at least 1"))
    }
  }

  /// What `recurve run` says of held-out puzzles, and the weights that it writes.
  @Test func runsAreJudged() throws {
    try withTemporaryFolder { folder in
      let (run, weights) = (folder + "/run", folder + "/weights.safetensors")
      #expect(try CommandRun(CommandRun.training(run, steps: 2)).status == 0)
      let judged = ["run", run, "--threads", "1", "--batches", "3", "--save", weights]
      let json = try CommandRun(judged + ["--json"])
      #expect(json.status == 0, "\(json.errors)")
      let members = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any], "\(json.output)")
      #expect(members["puzzles"] as? Int == 6 && members["exact_accuracy"] as? Double == 0)
      let tables = try #require(members["tables"] as? [String: [[String: Any]]])
      #expect(tables["supervision_step"]?.count == 16 && tables["supervision_step"]?.first?["puzzles"] as? Int == 6)
      #expect(tables["blanks"]?.map { $0["blanks"] as? Int } == [2, 3, 4, 5, 6, 7])
      let text = try CommandRun(judged).output
      #expect(text.contains("\n6 puzzles held out:\nloss ") && text.contains("\nexact_accuracy 0.00 %\n"), "\(text)")
      #expect(text.contains(#/\n *supervision step  puzzles  exact accuracy  cell accuracy  halted share\n/#))
      let answer = try Solving(try TinyRecursion.Sizes(of: try RunRecord(path: run + "/run.json")), weights: weights)
      #expect(try answer.thoughts(on: Array(repeating: 1, count: 16), steps: 2).count == 2)
    }
  }
}
