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
      (["compare", "-o", "."], "comparison.txt"),
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
