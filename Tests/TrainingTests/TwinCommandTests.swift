import Foundation
import Interchange
import Recurve
import TestSupport
import Testing

@testable import TinyRecursion

/// `recurve twin`: what a run trains from, for another program.
@Suite(.enabled(if: KilledRun.isPossible)) struct TwinCommandTests {
  private func training(_ folder: String, _ others: String...) throws {
    let run = try CommandRun(CommandRun.training(folder, steps: 3, "--optimizer", "adam-atan2") + others)
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test func theFileHoldsWhatTheRunBeganWith() throws {
    try withTemporaryFolder { folder in
      let (run, path) = (folder + "/run", folder + "/lesson.safetensors")
      try training(run)
      let written = try CommandRun(["twin", run, "--output", path, "--batches", "2", "--json"])
      #expect(written.status == 0 && written.output.contains("\"held_out_puzzles\" : 4"), "\(written.errors)")
      let (file, record) = (try SafetensorsFile(path: path), try RunRecord(path: run + "/run.json"))
      let task = try TinyRecursionTask(record.options)
      let first = try ParameterStore(task.model, seed: record.seed).tensors
      #expect(first.allSatisfy { file.tensors["first." + $0.key] == $0.value })
      let inputs = try task.inputs(after: nil)
      let questions = try #require(file.tensors["questions"])
      #expect(questions.shape == [3, 2, 16])
      #expect(Array(questions.integers.prefix(32)) == inputs.first { $0.name == "tokens" }?.tensor.integers)
      #expect(file.tensors["leastSteps"]?.shape == [3, 2] && file.tensors["heldOut.answers"]?.shape == [2, 2, 16])
      let rates = try #require(file.tensors["rates"]).floats
      #expect(rates == (0..<3).map { Float(record.recipe.rate.rate(at: $0)) })
      #expect(file.metadata["sizes"]?.contains("\"gradientCycles\":1") == true)
    }
  }

  @Test func whatTheTwinDoesNotDoIsRefused() throws {
    try withTemporaryFolder { folder in
      func message(_ arguments: String...) throws -> String {
        try CommandRun(["twin"] + arguments + ["--output", folder + "/x.safetensors"]).errors
      }
      #expect(try message(folder).contains("\(folder) is no folder of a run; needs one that `recurve train` has made"))
      #expect(try message(folder, "--steps", "0").contains("--steps is 0, needs at least 1"))
      try training(folder + "/clipped", "--clip", "1")
      #expect(
        try message(folder + "/clipped").contains(
          "the twin needs a run by adam-atan2 without accumulation, clipping or matrices-only decay"))
      try training(folder + "/none", "--gradient", "none")
      let path = folder + "/none/run.json"
      let record = try String(contentsOfFile: path, encoding: .utf8)
      let exchanged = record.replacing(#/^\{/#, with: "{\"trained_on_other_data\" : true,", maxReplacements: 1)
      try exchanged.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try message(folder + "/none").contains("needs a run whose data were the same throughout"))
      try exchanged.replacing("trained_on_other_data", with: "changed").write(
        toFile: path, atomically: true, encoding: .utf8)
      #expect(
        try message(folder + "/none").contains(
          "needs a run that was the same throughout; this one was changed on the way by --accept-changes"))
      try record.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try message(folder + "/none").contains("the twin needs a run with a gradient, got one without"))
      let words = try CommandRun(["train", "word-vectors", "--steps", "1", "--threads", "1", "-o", folder + "/words"])
      #expect(words.status == 0, "\(words.errors)")
      #expect(try message(folder + "/words").contains("needs a run of tiny-recursion, got one of word-vectors"))
    }
  }
}
