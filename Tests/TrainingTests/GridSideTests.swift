import Foundation
import Puzzles
import Recurve
import TestSupport
import Testing

@testable import TinyRecursion

/// How many cells a grid has a side is a setting of the model, which its runs keep.
@Suite struct GridSideTests {
  private static func sizes(_ preset: String, side: Int? = nil) throws -> TinyRecursion.Sizes {
    let settings = side.map { [TinyRecursion.side: "\($0)"] } ?? [:]
    return try TinyRecursion.Sizes(ModelOptions(preset: preset, batch: 2, settings: settings))
  }

  @Test func presetsHaveSidesOfTheirOwn() throws {
    for (name, preset) in TinyRecursion.Sizes.presets {
      let sizes = try Self.sizes(name)
      #expect(sizes.cells == preset.cells && sizes.vocabulary == preset.vocabulary, "\(name)")
      #expect(try TinyRecursion.family.completed(ModelOptions(preset: name)).settings["side"] == "\(preset.side)")
    }
  }

  @Test(arguments: [5, 12, 30]) func mazesHaveTheSideAskedFor(_ side: Int) throws {
    let sizes = try Self.sizes("maze", side: side)
    #expect(sizes.side == side && sizes.vocabulary == 6 && sizes.width == 64 && sizes.positions == .grid)
    let source = try TinyRecursionTask.Source(sizes, path: nil, seed: 1)
    for rows in [source.training, source.heldOut] {
      let questions = rows(0, [0, 1]).questions
      #expect(questions.count == 2 * side * side)
      #expect(questions.count { Maze.Cell(token: $0) == .start } == 2)
    }
  }

  @Test func othersHaveTheSideAskedFor() throws {
    let (sudoku, tasks) = (try Self.sizes("nano", side: 6), try Self.sizes("arc", side: 15))
    #expect(sudoku.cells == 36 && sudoku.vocabulary == 8 && tasks.cells == 225 && tasks.vocabulary == 12)
  }

  @Test(arguments: [
    ("maze", "4", "5 to 30, as mazes have"), ("nano", "7", "4, 6 or 9, as Sudokus have"),
    ("maze", "31", "a whole number from 1 to 30"), ("arc", "0", "a whole number from 1 to 30"),
  ])
  func sidesThatPuzzlesDoNotHaveAreRefused(_ preset: String, _ side: String, _ needed: String) {
    let options = ModelOptions(preset: preset, settings: ["side": side])
    let error = #expect(throws: ModelFamilyError.self) { try TinyRecursion.Sizes(options) }
    #expect(error?.description == "setting side is '\(side)', needs \(needed)" && error?.isUsage == true)
  }

  @Test func waysAreThoseOfTheSide() {
    let options = ModelOptions(preset: "maze", settings: ["side": "5", "lengths": "11"])
    let error = #expect(throws: ModelFamilyError.self) { try TinyRecursion.Sizes(options) }
    #expect(error?.description == "setting lengths is '11', needs usual, a number or a range within 2-10")
  }

  @Test(.enabled(if: KilledRun.isPossible)) func runsKeepIt() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let trained = try CommandRun([
        "train", "tiny-recursion", "--preset", "maze", "--set", "side=5", "--batch", "2", "--depth", "1", "--threads",
        "1", "--schedule", "constant", "--validate-every", "0", "--steps", "1", "--output", run,
      ])
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(try String(contentsOfFile: run + "/run.json", encoding: .utf8).contains("\"side\" : \"5\""))
      let solved = try CommandRun([
        "solve", "maze", "S.###/#.#.#/#...#/###.#/###G#", "--run", run, "--threads", "1", "--steps", "1",
      ])
      #expect(solved.output.contains("step 1, right with probability"), "\(solved.errors)")
      let other = try CommandRun(["train", run, "--resume", "--steps", "2", "--threads", "1", "--set", "side=6"])
      #expect(other.status == 64 && other.errors.contains("--set side: the run has 5, now it is 6"), "\(other.errors)")
      let resumed = try CommandRun(["train", run, "--resume", "--steps", "2", "--threads", "1"])
      #expect(resumed.status == 0, "\(resumed.errors)")
    }
  }
}
