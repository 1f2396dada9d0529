import Foundation
import Interchange
import Puzzles
import TestSupport
import Testing

/// Sudokus filled move by move on the command line: what they are played on, and what is shown where something fails.
@Suite(.enabled(if: KilledRun.isPossible)) struct MovesCommandTests {
  private static func puzzles(side: Int = 4, count: Int = 40, seed: UInt64) throws -> [SudokuPuzzle] {
    var generator = try SudokuGenerator(size: try SudokuSize(side: side), seed: seed)
    return (0..<count).map { _ in generator.next() }
  }

  private static func solved(_ puzzle: SudokuPuzzle) -> SudokuPuzzle {
    var puzzle = puzzle
    puzzle.question = puzzle.answer
    return puzzle
  }

  private static func write(_ puzzles: [SudokuPuzzle], _ name: String, in folder: String) throws {
    try Data(SudokuCSV.text(puzzles).utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
  }

  private static func trained(_ run: String, _ others: String..., in folder: String) throws -> CommandRun {
    let arguments = [
      "train", "sudoku-by-moves", "--preset", "4x4", "--variant", "mlp", "--batch", "4", "--steps", "2",
      "--validate-every", "0", "--threads", "1", "--output", run,
    ]
    return try CommandRun(arguments + others, in: folder)
  }

  @Test func runsArePlayedOnOtherPuzzles() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.puzzles(seed: 3), "x.csv", in: folder)
      let training = try Self.trained("run", "--data", "x.csv", in: folder)
      #expect(training.status == 0, "\(training.errors)")
      let asked = ["moves", "run", "--depths", "1", "--batches", "1", "--json"]
      let own = try CommandRun(asked + ["--data", "x.csv"], in: folder)
      #expect(own.status == 0 && own.output.contains("\"held_out\" : true"), "\(own.errors)")
      try Self.write(Self.puzzles(seed: 4), "x.csv", in: folder)
      let refused = try CommandRun(asked, in: folder)
      let advice = "needs the same bytes, or, where a command has --data, the file to judge on"
      #expect(refused.status == 1 && refused.errors.contains(advice), "\(refused.errors)")
      let other = try CommandRun(asked + ["--data", "x.csv"], in: folder)
      #expect(other.status == 0 && other.output.contains("\"held_out\" : false"), "\(other.errors)")
      #expect(other.errors.contains("run was not given these puzzles: training may have seen some"), "\(other.errors)")
      try Self.write(Self.puzzles(side: 9, count: 1, seed: 3), "nine.csv", in: folder)
      let nine = try CommandRun(asked + ["--data", "nine.csv"], in: folder)
      let problem = "nine.csv has puzzles of side 9, the run run needs side 4"
      #expect(nine.status == 1 && nine.errors.contains(problem), "\(nine.errors)")
    }
  }

  /// Batches without a new puzzle are neither judged nor written, and nobody is told that they were.
  @Test func heldOutPuzzlesAreJudgedOnce() throws {
    try withTemporaryFolder { folder in
      let puzzles = try Self.puzzles(seed: 3)
      try Self.write(puzzles, "x.csv", in: folder)
      let split = try SudokuSplit(of: puzzles)
      let batches = (puzzles.count { split.isHeldOut($0.answer) } + 3) / 4
      let options = ["sudoku-by-moves", "--preset", "4x4", "--batch", "4", "--threads", "1", "--data", "x.csv"]
      let judged = try CommandRun(["run"] + options + ["--batches", "9"], in: folder)
      let said = judged.errors
      #expect(judged.status == 0 && said.contains(" \(batches)/\(batches)  batches judged"), "\(said)")
      #expect(batches < 4 && !said.contains("/9 "), "\(said)")
      let asked = ["--steps", "1", "--validate-every", "1", "--validation-batches", "4", "--held-out"]
      let written = try CommandRun(["export", "training"] + options + asked + ["-o", "x.safetensors"], in: folder)
      #expect(written.status == 0, "\(written.errors)")
      let tensors = try SafetensorsFile(path: folder + "/x.safetensors").tensors
      for name in ["validation_losses", "held_out_losses"] { #expect(tensors[name]?.shape == [batches], "\(name)") }
    }
  }

  @Test func tablesAreShownWhereWhatFollowsFails() throws {
    try withTemporaryFolder { folder in
      let puzzles = try Self.puzzles(seed: 3)
      let split = try SudokuSplit(of: puzzles)
      try Self.write(puzzles.map { split.isHeldOut($0.answer) ? Self.solved($0) : $0 }, "x.csv", in: folder)
      let training = [
        try Self.trained("first", in: folder), try Self.trained("second", "--data", "x.csv", in: folder),
      ]
      for run in training { #expect(run.status == 0, "\(run.errors)") }
      let asked = ["moves", "--depths", "1", "--batches", "1", "first"]
      let undrawn = try CommandRun(asked + ["-o", "none/depth.svg"], in: folder)
      #expect(undrawn.errors.contains("cannot draw none/depth.svg"), "\(undrawn.errors)")
      let failed = try CommandRun(asked + ["second"], in: folder)
      let problem = #/needed held-out puzzles with blanks, found none in the \d+ that are played/#
      #expect(failed.errors.contains(problem), "\(failed.errors)")
      for found in [undrawn, failed] {
        #expect(found.status == 1 && found.output.contains(#/\nfirst +mlp +move +1 +0\.\d{4} /#), "\(found.output)")
      }
    }
  }

  /// Models that say all cells at once are drawn beside those of moves, whose ceiling is not theirs.
  @Test func supervisionStepsStandBesideMoves() throws {
    try withTemporaryFolder { folder in
      let training = [
        try Self.trained("first", in: folder), try CommandRun(CommandRun.training("trm", steps: 2), in: folder),
      ]
      for run in training { #expect(run.status == 0, "\(run.errors)") }
      let asked = ["moves", "first", "trm", "--depths", "1,2", "--batches", "1"]
      let found = try CommandRun(asked + ["-o", "depth.svg"], in: folder)
      #expect(found.status == 0, "\(found.errors)")
      #expect(found.output.contains(#/\nfirst +mlp +move +2 +0\.\d{4} +0\.2500 /#), "\(found.output)")
      let row = #/\ntrm +attention +supervision step +2 +[01]\.\d{4} +- +[01]\.\d{4} /#
      #expect(found.output.contains(row), "\(found.output)")
      let picture = try String(contentsOfFile: folder + "/depth.svg", encoding: .utf8)
      for text in ["moves or supervision steps", "attention (trm), supervision steps", "ceiling of moves"] {
        #expect(picture.contains(text), "\(text)")
      }
      let json = try CommandRun(asked + ["--json"], in: folder).output
      #expect(json.matches(of: #/"ceiling"/#).count == 2 && json.contains("\"step\" : \"supervision step\""), "\(json)")
    }
  }

  @Test func whatCannotBeTrainedIsRefusedBeforeAFolderIsMade() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.puzzles(seed: 3).map(Self.solved), "solved.csv", in: folder)
      let full = try Self.trained("run", "--data", "solved.csv", in: folder)
      let problem = #/solved.csv: needed puzzles with blanks to train on, found none in the \d+ that are not held out/#
      #expect(full.status == 1 && full.errors.contains(problem), "\(full.errors)")
      // As of models that are applied more often.
      let far = try CommandRun(
        [
          "train", "sudoku-by-moves", "--variant", "recurrent", "--depth", "1", "--gradient", "last:5", "--threads",
          "1", "--output", "run",
        ], in: folder)
      let reach = "last(5) reaches back further than the 1 iterations; use full"
      #expect(far.status == 64 && far.errors.contains(reach), "\(far.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/run"))
    }
  }
}
