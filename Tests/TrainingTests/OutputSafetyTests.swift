import Foundation
import Puzzles
import TestSupport
import Testing

/// Commands write over none of the data that they read.
@Suite(.enabled(if: KilledRun.isPossible)) struct OutputSafetyTests {
  private func refuse(_ arguments: [String], over file: String, in folder: String) throws {
    let before = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
    let refused = try CommandRun(arguments, in: folder)
    #expect(refused.status == 64, "\(arguments): \(refused.errors)")
    #expect(
      refused.errors.contains(#/--[a-z]+ got '.*', which the command reads; needs another name/#), "\(refused.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file)) == before)
  }

  @Test(
    arguments: [
      (["plan", "--csv", "a.csv"], "a.csv"), (["plan", "--map", "a.svg"], "a.svg"),
      (["print", "-o", "./a.txt"], "a.txt"),
      (["diagram", "-o", "a.dot"], "a.dot"), (["export", "stablehlo", "-o", "a.mlir"], "a.json"),
      (["export", "training", "-o", "a.safetensors"], "a.safetensors"), (["profile", "--trace", "a.json"], "a.json"),
      (["run", "--save", "a.txt"], "a.txt"), (["run", "--chart", "a.svg"], "a.svg"),
      (["compare", "-o", "."], "comparison.txt"), (["compare", "-o", "."], "memory-full.svg"),
      (["compare", "-o", "."], "character-gpt.svg"), (["compare", "--depth", "1,2", "-o", "."], "comparison.svg"),
    ] as [([String], String)])
  func dataAreNotReplaced(_ arguments: [String], _ file: String) throws {
    try withTemporaryFolder { folder in
      try Data("a text".utf8).write(to: URL(fileURLWithPath: folder + "/" + file))
      try refuse(arguments + ["character-gpt", "--data", file], over: file, in: folder)
    }
  }

  @Test func filesOfFoldersAreNotReplaced() throws {
    try withTemporaryFolder { folder in
      try Data("a text".utf8).write(to: URL(fileURLWithPath: folder + "/a.txt"))
      try refuse(["print", "character-gpt", "--data", ".", "-o", "a.txt"], over: "a.txt", in: folder)
      try refuse(["tokenizer", "train", ".", "-o", "a.txt"], over: "a.txt", in: folder)
    }
  }

  /// A run writes over none of its data, and not into a folder of data, which would be others with every file.
  @Test(arguments: [
    "run.json", "log.jsonl", "lock", "curve.svg", "curve.png", "checkpoint.safetensors",
    "checkpoint.previous.safetensors", "checkpoint-000000007.safetensors", "",
  ])
  func runsDoNotReplaceTheirData(_ name: String) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/run", withIntermediateDirectories: false)
      let file = name.isEmpty ? "text.txt" : name
      try Data("a text".utf8).write(to: URL(fileURLWithPath: "\(folder)/run/\(file)"))
      let data = "./run/\(name)"
      let refused = try CommandRun(["train", "character-gpt", "--data", data, "-o", "run"], in: folder)
      let problem = "the run writes into its own data '\(data)'; needs another --output or --data"
      #expect(refused.status == 64 && refused.errors.contains(problem), "\(refused.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/run") == [file])
      #expect(try String(contentsOfFile: "\(folder)/run/\(file)", encoding: .utf8) == "a text")
    }
  }

  @Test func resumedRunsDoNotReplaceTheirData() throws {
    try withTemporaryFolder { folder in
      #expect(try CommandRun(CommandRun.training("run", steps: 1), in: folder).status == 0)
      let log = try Data(contentsOf: URL(fileURLWithPath: folder + "/run/log.jsonl"))
      let refused = try CommandRun(
        ["train", "run", "--resume", "--steps", "2", "--data", "run/log.jsonl", "--accept-changes"], in: folder)
      let problem = "the run writes into its own data 'run/log.jsonl'; needs another --output or --data"
      #expect(refused.status == 64 && refused.errors.contains(problem), "\(refused.errors)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/run/log.jsonl")) == log)
    }
  }

  /// What the record of a run says is read as what an option says.
  @Test func dataOfRunsAreNotReplaced() throws {
    try withTemporaryFolder { folder in
      var generator = try SudokuGenerator(size: try SudokuSize(side: 4), seed: 3)
      try SudokuCSV.text((0..<20).map { _ in generator.next() })
        .write(toFile: folder + "/x.csv", atomically: true, encoding: .utf8)
      let training = try CommandRun(CommandRun.training("run", steps: 1, "--data", "x.csv"), in: folder)
      #expect(training.status == 0, "\(training.errors)")
      for arguments in [
        ["run", "run", "--save", "x.csv"], ["print", "run", "-o", "x.csv"], ["plan", "run", "--csv", "x.csv"],
        ["twin", "run", "-o", "x.csv"],
      ] { try refuse(arguments, over: "x.csv", in: folder) }
    }
  }
}
