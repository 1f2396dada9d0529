import Foundation
import Interchange
import TestSupport
import Testing
import Training

/// `recurve export`, as a user gives it.
@Suite(.enabled(if: KilledRun.isPossible)) struct ExportCommandTests {
  private static let small = ["tiny-recursion", "--preset", "nano", "--batch", "2", "--depth", "1"]

  private struct Step: Decodable {
    struct Port: Decodable {
      var name: String
      var kind: String?
      var shape: [Int]
      var alias: Int?
    }

    var model: String
    var stage: String
    var parameters: [Port]
    var results: [Port]
  }

  private static func step(_ path: String) throws -> Step {
    try JSONDecoder().decode(Step.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Averages begin as the weights do, and a training step starts from all that it replaces.
  @Test func trainingStepsComeWithTheirNumbers() throws {
    try withTemporaryFolder { folder in
      let written = try CommandRun(["export", "stablehlo"] + Self.small + ["-o", folder + "/step.mlir", "--json"])
      #expect(written.status == 0 && written.output.contains("\"text_bytes\""), "\(written.errors)")
      let step = try Self.step(folder + "/step.json")
      #expect(step.model == "tiny-recursion" && step.stage == "training")
      let tensors = try SafetensorsFile(path: folder + "/step.safetensors").tensors
      for port in step.parameters where port.kind != "input" { #expect(tensors[port.name] != nil, "\(port.name)") }
      let averages = tensors.keys.filter { $0.hasPrefix("average.") }
      #expect(!averages.isEmpty)
      for name in averages { #expect(tensors[name] == tensors[String(name.dropFirst(8))], "\(name)") }
      let text = try String(contentsOfFile: folder + "/step.mlir", encoding: .utf8)
      #expect(text.hasPrefix("module @step {\nfunc.func public @main(") && text.contains("\"stablehlo.while\"("))
    }
  }

  /// What a twin in another framework needs: a second trainer that takes the same batches from the same weights has the same
  /// losses.
  @Test func firstStepsAreWrittenWithTheirBatches() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/steps.safetensors"
      let options = ["arithmetic", "--batch", "4", "--depth", "1", "--threads", "1", "--seed", "3", "--steps", "3"]
      let written = try CommandRun(["export", "training"] + options + ["-o", path, "--json"])
      #expect(written.status == 0 && written.output.contains("\"losses\""), "\(written.errors)")
      let file = try SafetensorsFile(path: path)
      #expect(file.tensors["inputs.tokens"]?.shape == [3, 4, 12] && file.tensors["seconds"]?.shape == [3])
      #expect(
        file.metadata["model"] == "arithmetic" && file.metadata["recipe"]?.contains("\"rule\" : \"adamw\"") == true)
      let again = try CommandRun(["train"] + options + ["-o", folder + "/run", "--validate-every", "0"])
      #expect(again.status == 0, "\(again.errors)")
      let log = try String(contentsOfFile: folder + "/run/log.jsonl", encoding: .utf8)
      let losses = try log.split(separator: "\n").map { line in
        let entry = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        return try #require(entry["loss"] as? Double)
      }
      #expect(losses.count == 3 && file.tensors["losses"]?.doubles == losses)
      let wrong = try CommandRun(["export", "training"] + options + ["-o", "steps.txt"])
      #expect(
        wrong.status == 64
          && wrong.errors.contains("--output got 'steps.txt', needs a file whose name ends with .safetensors"))
    }
  }

  /// The twin of a long run needs the same weights and batches, and what judges both, without another training.
  @Test func batchesAreWrittenWithoutTraining() throws {
    try withTemporaryFolder { folder in
      let options = ["arithmetic", "--batch", "4", "--depth", "1", "--steps", "2", "--held-out"]
      func file(_ name: String, _ others: String...) throws -> SafetensorsFile {
        let written = try CommandRun(["export", "training"] + options + others + ["-o", folder + "/" + name])
        #expect(written.status == 0, "\(written.errors)")
        return try SafetensorsFile(path: folder + "/" + name)
      }
      let trained = try file("trained.safetensors", "--threads", "1").tensors
      let batches = try file("batches.safetensors", "--batches-only").tensors
      #expect(
        Set(trained.keys).subtracting(batches.keys) == ["losses", "seconds", "validation_losses", "held_out_losses"])
      for (name, tensor) in batches { #expect(trained[name] == tensor, "\(name)") }
      #expect(batches["held_out.tokens"]?.shape[0] == trained["held_out_losses"]?.shape[0])
      #expect(
        batches["held_out.tokens"]?.shape.extents.dropFirst() == batches["inputs.tokens"]?.shape.extents.dropFirst())
      let path = folder + "/x.safetensors"
      let dependent = try CommandRun(["export", "training"] + Self.small + ["--batches-only", "-o", path])
      #expect(
        dependent.status == 64
          && dependent.errors.contains(
            "--batches-only, but each batch of tiny-recursion follows from the results of the step before; leave it out"
          ))
      let nothing = try CommandRun(["export", "training", "word-vectors", "--held-out", "-o", path])
      #expect(
        nothing.status == 64
          && nothing.errors.contains(
            "--held-out, but word-vectors holds nothing out that single steps answer; leave it out")
      )
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  /// Masks of one validation differ from batch to batch, as in the run's own.
  @Test func validationsDrawAsThoseOfRuns() throws {
    try withTemporaryFolder { folder in
      let options = [
        "masked-language-model", "--preset", "demonstration", "--set", "vocabulary=270", "--batch", "4", "--depth", "1",
        "--threads", "1", "--steps", "2", "--validate-every", "2", "--validation-batches", "2",
      ]
      let trained = try CommandRun(["train"] + options + ["-o", folder + "/run"])
      #expect(trained.status == 0, "\(trained.errors)")
      let path = folder + "/steps.safetensors"
      let written = try CommandRun(["export", "training"] + options + ["--held-out", "-o", path])
      #expect(written.status == 0, "\(written.errors)")
      let last = try #require(try TrainingLog.entries(path: folder + "/run/log.jsonl").last)
      let losses = try #require(try SafetensorsFile(path: path).tensors["validation_losses"]).doubles
      #expect(losses.count == 2 && last.validation?["loss"] == losses.reduce(0, +) / 2)
    }
  }

  /// A run is written with its own weights: averaged ones where it answers, and others where it trains on.
  @Test func runsAreWrittenWithTheirWeights() throws {
    try withTemporaryFolder { folder in
      let run = folder + "/run"
      let training = try CommandRun(CommandRun.training(run, steps: 3, "--average", "0.9"))
      #expect(training.status == 0, "\(training.errors)")
      func weights(_ others: String...) throws -> [String: HostTensorText] {
        let path = folder + "/own.mlir"
        let written = try CommandRun(["export", "stablehlo", run, "-o", path] + others)
        #expect(written.status == 0, "\(written.errors)")
        return try SafetensorsFile(path: folder + "/own.safetensors").tensors.mapValues { "\($0.doubles)" }
      }
      let checkpoint = try SafetensorsFile(path: run + "/checkpoint.safetensors").tensors.mapValues { "\($0.doubles)" }
      let name = "readout.weight"
      let average = checkpoint.first { $0.key.hasSuffix("/average/" + name) || $0.key.hasSuffix("average." + name) }?
        .value
      #expect(average != nil && average != checkpoint[name])
      #expect(try weights()[name] == checkpoint[name])
      #expect(try weights("--stage", "forward")[name] == average)
    }
  }

  private typealias HostTensorText = String

  @Test func mistakesAreUsageErrors() throws {
    func message(_ arguments: String...) throws -> String {
      let found = try CommandRun(["export", "stablehlo"] + Self.small + arguments)
      #expect(found.status == 64, "\(arguments)")
      return found.errors
    }
    #expect(try message("-o", "step.txt").contains("--output got 'step.txt', needs a file whose name ends with .mlir"))
    #expect(
      try message("-o", "x.mlir", "--stage", "forward", "--program", "answer").contains(
        "--stage is of the training step; --program names another program"))
    #expect(try CommandRun(["export", "stablehlo"] + Self.small + ["-o", "/nowhere/x.mlir"]).status == 1)
  }
}
