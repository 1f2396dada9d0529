import Foundation
import Interchange
import Puzzles
import TestSupport
import Testing

/// A run's folder in place of a model and its options, as a user gives it.
@Suite(.enabled(if: KilledRun.isPossible)) struct RunFolderCommandTests {
  private static func withRun(_ others: String..., body: (_ folder: String, _ run: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let training = try CommandRun(CommandRun.training(run, steps: 3, "--optimizer", "adam") + others)
      #expect(training.status == 0, "\(training.errors)")
      try body(folder, run)
    }
  }

  private static func resumed(_ arguments: String..., in folder: String? = nil) throws -> CommandRun {
    try CommandRun(["train", "--resume", "--threads", "1"] + arguments, in: folder)
  }

  @Test func runsContinueWithoutOptionsToTheSameBits() throws {
    try Self.withRun { folder, run in
      #expect(try CommandRun(CommandRun.training(folder + "/whole", steps: 5, "--optimizer", "adam")).status == 0)
      let first = try Self.resumed(run, "--steps", "4")
      #expect(first.status == 0 && first.output.contains("wrote \(run)/curve.svg"), "\(first.errors)")
      let second = try Self.resumed("--output", run, "--steps", "5")
      #expect(second.status == 0, "\(second.errors)")
      for name in ["checkpoint.safetensors", "log.jsonl", "run.json"] {
        let files = try [run, folder + "/whole"].map { try Data(contentsOf: URL(fileURLWithPath: "\($0)/\(name)")) }
        #expect(files[0] == files[1], "\(name)")
      }
    }
  }

  @Test func commandsTakeRunsForModels() throws {
    try Self.withRun { folder, run in
      let model = [
        "tiny-recursion", "--preset", "nano", "--variant", "attention", "--batch", "2", "--depth", "1", "--threads",
        "1",
      ]
      for arguments in [
        ["plan", "--rows", "3"], ["print", "--stage", "plan"], ["run", "--steps", "2", "--batches", "1"],
      ] {
        var named = arguments + model
        if arguments[0] == "run" { named += ["--checkpoint", run + "/checkpoint.safetensors"] }
        let (found, expected) = (try CommandRun(arguments + [run, "--threads", "1"]), try CommandRun(named))
        // The run has an optimizer of its own, which only the updates of tables show.
        let parts = [found, expected].map { $0.output.split(separator: "\n").filter { !$0.hasPrefix("an update of") } }
        #expect(found.status == 0 && parts[0] == parts[1], "\(found.errors)")
      }
      let compared = try CommandRun(["compare", run, "--repetitions", "1", "--modes", "full", "--json"])
      #expect(compared.output.contains("\"batch\" : 2") && compared.output.contains("\"depth\" : 1"))
      // A run like that one.
      let again = try CommandRun(["train", run, "--steps", "1", "--threads", "1"], in: folder)
      #expect(again.status == 0, "\(again.errors)")
      let shown = try CommandRun(["show", folder + "/recurve-run-1"]).output
      #expect(shown.contains(#/optimizer +adam\b/#) && shown.contains(#/steps so far +1 of 1\b/#))
      #expect(try CommandRun(["plot", run, "-o", folder + "/x.svg"]).status == 0)
    }
  }

  @Test func runsAreShown() throws {
    try Self.withRun { _, run in
      let table = try CommandRun(["show", run])
      let rows: [Regex] = [
        #/\nmodel +tiny-recursion +\n/#, #/\nbatch +2 +\n/#, #/\ncycles +1 +\n/#, #/\ndata +generated +\n/#,
        #/\noptimizer +adam +\n/#, #/\nlearning rate +0.003 +\n/#, #/\nweights +131969 +\n/#,
        #/\nsteps so far +3 of 3 +\n/#, #/\nlast loss +\d\.\d{4} +\n/#, #/\ncheckpoint +step 3, 1\.6 MB/#,
      ].map { Regex($0) }
      for row in rows { #expect(table.output.contains(row), "\(table.output)") }
      let json = try CommandRun(["show", run, "--json"]).output
      for part in ["\"family\" : \"tiny-recursion\"", "\"last_loss\" : ", "\"rule\" : \"adam\"", "\"steps\" : 3"] {
        #expect(json.contains(part), "\(json)")
      }
      let (checkpoint, elsewhere) = (run + "/checkpoint.safetensors", run + "/elsewhere.safetensors")
      try FileManager.default.moveItem(atPath: checkpoint, toPath: elsewhere)
      try FileManager.default.createSymbolicLink(atPath: checkpoint, withDestinationPath: elsewhere)
      #expect(try CommandRun(["show", run]).output == table.output, "a checkpoint that is a link")
    }
  }

  @Test func contradictionsAreRefusedWithBothValues() throws {
    try Self.withRun { folder, run in
      let before = try Data(contentsOf: URL(fileURLWithPath: run + "/checkpoint.safetensors"))
      let found = try Self.resumed(run, "--batch", "4", "--learning-rate", "0.5", "--steps", "9")
      #expect(found.status == 64)
      #expect(
        found.errors.contains(
          """
          the run cannot go on as another one (\(run)/run.json):
            --batch: the run has 2, now it is 4
            --learning-rate: the run has 0.003, now it is 0.5
          leave these options out to go on as before, start a new run with another --output, or give --accept-changes
          """), "\(found.errors)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: run + "/checkpoint.safetensors")) == before)
      let two = try Self.resumed(run, "--output", folder)
      #expect(two.status == 64)
      #expect(two.errors.contains("--resume got two runs, \(run) and --output \(folder), needs one of them"))
    }
  }

  @Test func runsDoNotGoBack() throws {
    try Self.withRun { _, run in
      let found = try Self.resumed(run, "--steps", "2")
      let problem = "training plan: steps is 2, needs at least 3, which the checkpoint has"
      #expect(found.status == 64 && found.errors.contains(problem), "\(found.errors)")
      #expect(try CommandRun(["show", run]).output.contains(#/steps so far +3 of 3 /#))
    }
  }

  /// Patience counts validations: where none are asked for any more, the run's own means nothing, and another one is a mistake.
  @Test func patienceEndsWithValidations() throws {
    try Self.withRun("--validate-every", "1", "--validation-batches", "1", "--patience", "3") { _, run in
      #expect(try CommandRun(["show", run]).output.contains("ends after 3 without a lower loss"))
      let found = try Self.resumed(run, "--steps", "4", "--validate-every", "0")
      #expect(found.status == 0, "\(found.errors)")
      #expect(try CommandRun(["show", run]).output.contains(#/\nvalidation +none\b/#))
      let refused = try Self.resumed(run, "--steps", "5", "--patience", "2")
      let problem = "--patience has no effect, needs --validate-every"
      #expect(refused.status == 64 && refused.errors.contains(problem), "\(refused.errors)")
    }
  }

  @Test func acceptedChangesAreRecorded() throws {
    try Self.withRun { _, run in
      let accepted = try Self.resumed(run, "--learning-rate", "0.5", "--steps", "4", "--accept-changes")
      #expect(accepted.status == 0, "\(accepted.errors)")
      #expect(try CommandRun(["show", run]).output.contains(#/learning rate +0\.5 /#))
      #expect(try Self.resumed(run, "--learning-rate", "0.5", "--steps", "5").status == 0)
    }
  }

  @Test func checkpointsThatDoNotFitSayWhatTheyWereMadeWith() throws {
    try Self.withRun { _, run in
      let origin = """
        it was made by tiny-recursion, preset nano, variant attention, batch 2, depth 1; \
        it fits --preset nano --variant attention --batch 2 --depth 1
        """
      let other = try CommandRun(["run", run, "--preset", "micro"])
      #expect(other.status == 1 && other.errors.contains("readout.weight is f32[6, 64], needs f32[8, 128]\n"))
      #expect(other.errors.contains(origin), "\(other.errors)")
      let forced = try Self.resumed(run, "--optimizer", "sgd", "--steps", "4", "--accept-changes")
      #expect(forced.status == 1 && forced.errors.contains("it was trained with adam, needs sgd"), "\(forced.errors)")
      #expect(forced.errors.contains(origin))
      #expect(try Self.resumed(run, "--steps", "4").status == 0, "what was refused is not recorded")
    }
  }

  @Test func filesThatLieBesideCheckpointsByChanceAreLeftOut() throws {
    try Self.withRun { _, run in
      try Data("{}".utf8).write(to: URL(fileURLWithPath: run + "/run.json"))
      let found = try CommandRun([
        "run", "tiny-recursion", "--variant", "attention", "--batch", "2", "--depth", "1", "--batches", "1",
        "--checkpoint", run + "/checkpoint.safetensors",
      ])
      #expect(found.status == 0, "\(found.errors)")
      #expect(
        found.errors.contains("\(run)/run.json: 'version' is missing; the checkpoint is used without it"),
        "\(found.errors)")
      #expect(found.output.contains("that training may have seen: there is no record of it"), "\(found.output)")
    }
  }

  @Test func changedDataAreRefusedWithBothHashes() throws {
    try withTemporaryFolder { folder in
      var generator = try SudokuGenerator(size: try SudokuSize(side: 4), seed: 3)
      func write(_ count: Int) throws {
        try SudokuCSV.text((0..<count).map { _ in generator.next() })
          .write(toFile: folder + "/x.csv", atomically: true, encoding: .utf8)
      }
      try write(20)
      let run = folder + "/run"
      let training = try CommandRun(CommandRun.training("run", steps: 2, "--data", "x.csv"), in: folder)
      #expect(training.status == 0, "\(training.errors)")
      // Another folder than that of the start: the record knows the whole path.
      #expect(try Self.resumed(run, "--steps", "3").status == 0)
      try write(20)
      let changed = try Self.resumed(run, "--steps", "4")
      #expect(changed.status == 1)
      let file = #".*x\.csv \(fnv1a64:[0-9a-f]{16}\)"#
      let pattern = try Regex("--data: the run has \(file), now it is \(file)")
      #expect(changed.errors.contains(pattern), "\(changed.errors)")
      let judged = try CommandRun(["run", run, "--batches", "1"])
      let problem = "x.csv is not what it was when the run began, so what was held out is not known; needs the same"
      #expect(judged.status == 1 && judged.errors.contains(problem), "\(judged.errors)")
      let other = try CommandRun(["run", run, "--batches", "1", "--data", folder + "/x.csv"])
      #expect(other.status == 0 && other.output.contains("of data that the run was not given"), "\(other.output)")
      let twin = try CommandRun(["twin", run, "-o", folder + "/twin.safetensors"])
      #expect(twin.status == 1 && twin.errors.contains(problem), "\(twin.errors)")
      #expect(try Self.resumed(run, "--steps", "4", "--accept-changes").status == 0)
      #expect(try String(contentsOfFile: run + "/run.json", encoding: .utf8).contains("\"changed\" : true"))
      #expect(try Self.resumed(run, "--steps", "5").status == 0)
      // What the earlier data held out, nobody knows any more.
      let later = try CommandRun(["run", run, "--batches", "1", "--json"])
      #expect(later.status == 0 && later.output.contains("\"held_out\" : false"), "\(later.output)")
      let said = try CommandRun(["run", run, "--batches", "1"]).output
      #expect(said.contains("that the run may have trained on before its data were exchanged"), "\(said)")
    }
  }

  /// Recipes belong to presets and variants; and where steps follow from what a model reads, other settings need others.
  @Test func recipesFollowWhatDecidesThem() throws {
    try withTemporaryFolder { folder in
      func recipe(_ arguments: String..., of run: String) throws -> String {
        let trained = try CommandRun(
          ["train"] + arguments + ["--threads", "1", "--validate-every", "0", "--output", run], in: folder)
        #expect(trained.status == 0, "\(trained.errors)")
        let text = try String(contentsOfFile: folder + "/" + run + "/run.json", encoding: .utf8)
        return try #require(text.firstMatch(of: #/"recipe" : \{[^}]*\}/#).map { String($0.output) })
      }
      let moves = ["sudoku-by-moves", "--preset", "4x4", "--steps", "1"]
      _ = try recipe(moves[0], moves[1], moves[2], moves[3], moves[4], "--variant", "bert", of: "bert")
      let other = try recipe("bert", "--variant", "mlp", "--steps", "1", of: "other")
      #expect(try recipe(moves[0], moves[1], moves[2], moves[3], moves[4], "--variant", "mlp", of: "mlp") == other)
      let words = ["width=4", "epochs=2", "epochs=1"]
      _ = try recipe("word-vectors", "--set", words[0], "--set", words[1], of: "twice")
      let once = try recipe("twice", "--set", words[2], of: "again")
      #expect(try recipe("word-vectors", "--set", words[0], "--set", words[2], of: "once") == once)
    }
  }

  /// Each puzzle that is held out is judged once, and none of a file that has changed.
  @Test func puzzlesOfFilesArePlayedOnce() throws {
    try withTemporaryFolder { folder in
      var generator = try SudokuGenerator(size: try SudokuSize(side: 4), seed: 3)
      func write() throws {
        try SudokuCSV.text((0..<40).map { _ in generator.next() })
          .write(toFile: folder + "/x.csv", atomically: true, encoding: .utf8)
      }
      try write()
      let run = folder + "/run"
      let trained = try CommandRun([
        "train", "sudoku-by-moves", "--preset", "4x4", "--variant", "mlp", "--data", folder + "/x.csv", "--batch", "4",
        "--steps", "2", "--validate-every", "0", "--threads", "1", "--output", run,
      ])
      #expect(trained.status == 0, "\(trained.errors)")
      let judged = try CommandRun(["run", run, "--json", "--threads", "1"]).output
      let count = try #require(judged.firstMatch(of: #/"sequences" : (\d+)/#).flatMap { Int($0.output.1) })
      #expect((1...20).contains(count))
      // A batch that the puzzles do not fill weighs as many as it has.
      let shares = try [1, 3, 4, 7].map { batch in
        let found = try CommandRun(["run", run, "--json", "--threads", "1", "--batch", "\(batch)", "--batches", "99"])
        return try #require(
          found.output.firstMatch(of: #/"cell_accuracy" : ([\d.e-]+)/#).flatMap { Double($0.output.1) })
      }
      #expect(shares.allSatisfy { abs($0 - shares[0]) < 1e-6 }, "\(shares)")
      let few = try CommandRun(["moves", run, "--depths", "1,2", "--batches", "9", "--json"])
      #expect(few.output == (try CommandRun(["moves", run, "--depths", "1,2", "--batches", "99", "--json"]).output))
      try write()
      let moved = try CommandRun(["moves", run])
      #expect(moved.status == 1 && moved.errors.contains("is not what it was when the run began"), "\(moved.errors)")
    }
  }

  @Test func runsWithoutARecordNeedTheirOptions() throws {
    try Self.withRun { _, run in
      try FileManager.default.removeItem(atPath: run + "/run.json")
      for found in [try CommandRun(["plan", run]), try Self.resumed(run), try CommandRun(["train", run])] {
        #expect(found.status == 64)
        #expect(
          found.errors.contains(
            "\(run) has no run.json that says what it is; needs its model and the options that it was made with"),
          "\(found.errors)")
      }
      #expect(try CommandRun(["show", run]).output.contains("none: the run has no run.json"))
      let resumed = try CommandRun(CommandRun.training(run, steps: 4, "--optimizer", "adam", "--resume"))
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try Self.resumed(run, "--steps", "5").status == 0)
    }
  }

  /// What repeats nothing has one depth and one gradient.
  @Test func modelsWithoutRecursionAreCompared() throws {
    try withTemporaryFolder { folder in
      let compare = ["compare", "sudoku-by-moves", "--variant", "mlp", "--batch", "4", "--threads", "1"]
      let found = try CommandRun(compare + ["--repetitions", "1", "-o", folder + "/compared"])
      #expect(found.status == 0 && found.output.contains(" full "), "\(found.errors)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/compared").sorted()
      #expect(files == ["comparison.txt", "memory-full.svg", "sudoku-by-moves.svg"])
      let other = try CommandRun(compare + ["--modes", "full,last:1"])
      #expect(other.status == 64 && other.errors.contains("needs none, since mlp repeats nothing"), "\(other.errors)")
      #expect(!other.errors.contains("applications 4, full"), "refused before anything is measured")
    }
  }

  @Test func movesOverExchangedDataSaySo() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let trained = try CommandRun([
        "train", "sudoku-by-moves", "--preset", "4x4", "--variant", "mlp", "--steps", "1", "--threads", "1", "-o", run,
      ])
      #expect(trained.status == 0, "\(trained.errors)")
      let asked = ["moves", run, "--depths", "1", "--batches", "1", "--json"]
      #expect(try CommandRun(asked).output.contains("\"held_out\" : true"))
      let record = try String(contentsOfFile: run + "/run.json", encoding: .utf8)
      try record.replacing("\"version\"", with: "\"trained_on_other_data\" : true,\n  \"version\"").write(
        toFile: run + "/run.json", atomically: true, encoding: .utf8)
      #expect(try CommandRun(asked).output.contains("\"held_out\" : false"))
      let said = try CommandRun(Array(asked.dropLast())).errors
      #expect(said.contains("run may have trained on these puzzles before its data were exchanged"), "\(said)")
    }
  }

  @Test func whatLeadsNowhereIsNamed() throws {
    try withTemporaryFolder { folder in
      let plan = try CommandRun(["plan"])
      #expect(plan.status == 64)
      #expect(plan.errors.contains("needs a model, which `recurve list` shows, or the folder of a run"))
      let shown = try CommandRun(["show", folder])
      #expect(shown.status == 64)
      #expect(shown.errors.contains("\(folder) is no folder of a run; needs one that `recurve train` has made"))
    }
    try Self.withRun { folder, run in
      let saved = try CommandRun(["run", run, "--save", run + "/checkpoint.safetensors"])
      #expect(saved.status == 64 && saved.errors.contains("which is a file of a run; needs another name"))
      let others = [
        ["import", run, run + "/checkpoint.safetensors", "-o", run + "/checkpoint.safetensors"],
        ["export", "stablehlo", run, "-o", run + "/checkpoint.mlir"],
        ["solve", "sudoku", "1..4..1.2..3.3..", "--html", run + "/checkpoint.safetensors"],
        ["vectors", run, "-o", run + "/checkpoint.safetensors"],
        ["solve", "sudoku", "1..4..1.2..3.3..", "--html", run + "/run.json"],
      ]
      for arguments in others {
        let refused = try CommandRun(arguments)
        #expect(refused.status == 64 && refused.errors.contains("which is a file of a run"), "\(refused.errors)")
      }
      let weights = folder + "/weights.safetensors"
      #expect(try CommandRun(["run", run, "--save", weights, "--batches", "0"]).status == 0)
      let kept = try Data(contentsOf: URL(fileURLWithPath: weights))
      for arguments in [
        ["import", run, weights, "-o", folder + "/./weights.safetensors"],
        ["run", run, "--checkpoint", weights, "--save", weights], ["tokenizer", "train", weights, "-o", weights],
        ["masked-batches", "--data", weights, "-o", weights],
      ] {
        let refused = try CommandRun(arguments)
        #expect(refused.status == 64 && refused.errors.contains("which the command reads"), "\(refused.errors)")
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: weights)) == kept)
      let printed = try CommandRun(["print", run, "-o", run + "/log.jsonl"])
      #expect(printed.status == 1 && printed.errors.contains("/log.jsonl: it is a file of a run"), "\(printed.errors)")
      try FileManager.default.copyItem(atPath: run, toPath: folder + "/tiny-recursion")
      let ambiguous = try CommandRun(["run", "tiny-recursion"], in: folder)
      let problem = "tiny-recursion is a model and the folder of a run; write ./tiny-recursion for the run"
      #expect(ambiguous.status == 64 && ambiguous.errors.contains(problem), "\(ambiguous.errors)")
      let resumed = try Self.resumed("tiny-recursion", in: folder)
      #expect(
        resumed.status == 64 && resumed.errors.contains(problem + ", or name a run with --output"), "\(resumed.errors)")
      let first = try CommandRun(["run", "tiny-recursion", "--batch", "2", "--steps", "1", "--batches", "1", "--json"])
      #expect(first.errors.contains("no checkpoint: these are first weights, which nothing has trained"))
      #expect(first.output.contains("\"trained\" : false"), "\(first.output)")
      try FileManager.default.removeItem(atPath: run + "/checkpoint.safetensors")
      let ran = try CommandRun(["run", run])
      #expect(ran.status == 1)
      #expect(
        ran.errors.contains("\(run) has no checkpoint yet; continue the run with `recurve train \(run) --resume`"))
    }
  }

  @Test func recipesAreListed() throws {
    // Recipes of variants name theirs.
    let moves = try CommandRun(["list", "sudoku-by-moves"]).output
    #expect(
      moves.contains(#/\n4x4 mlp +\d+ +\d+ +full +mlp /#) && moves.contains(#/\n4x4 +\d+ +\d+ +full +bert /#),
      "\(moves)")
    try withTemporaryFolder { folder in
      let printed = try CommandRun(["print", "tiny-recursion", "--preset", "nano", "--json", "-o", folder + "/x.json"])
      #expect(printed.status == 0 && printed.output.isEmpty, "\(printed.errors)")
      #expect(try String(contentsOfFile: folder + "/x.json", encoding: .utf8).contains("\"stage\" : \"traced\""))
    }
    let list = try CommandRun(["list", "tiny-recursion"]).output
    #expect(list.contains(#/nano +32 +3 +last\(1\) +mixer +700 steps, adam-atan2, rate 0.003 cosine, warm-up 50/#))
    let all = try CommandRun(["list", "--json"]).output
    #expect(all.contains("\"learning_rate\" : 0.003"))
    // Epochs of the text say how many steps word vectors take.
    #expect(try CommandRun(["list", "word-vectors", "--json"]).output.contains("\"steps\" : null"))
    #expect(!all.contains("\"steps\" : 1,"))
    #expect(try CommandRun(["train", "--help"]).output.contains("by its own recipe"))
    let none = try CommandRun(["train", "tiny-recursion", "--clip", "nothing"])
    #expect(none.status == 64 && none.errors.contains("The value 'nothing' is invalid for '--clip"))
  }
}
