import Foundation
import TestSupport
import Testing

/// The masked language model as a user trains and asks it.
@Suite(.enabled(if: KilledRun.isPossible)) struct MaskedLanguageCommandTests {
  private static let small = ["--threads", "1", "--batch", "4", "--validate-every", "0", "--set", "vocabulary=270"]

  private static func text(in folder: String) throws {
    let lines = (0..<700).map { "the \(["king", "queen"][$0 % 2]) of \(["rome", "paris", "oslo"][$0 % 3]) sings\n" }
    try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: folder + "/text.txt"))
  }

  @Test func runsAreTrainedJudgedAndAsked() throws {
    try withTemporaryFolder { folder in
      try Self.text(in: folder)
      let training = [
        "train", "masked-language-model", "--data", "text.txt", "--preset", "demonstration", "--depth", "2", "--steps",
        "2", "-o", "run",
      ]
      let first = try CommandRun(training + Self.small + ["--set", "dropout=0.1"], in: folder)
      #expect(first.status == 0, "\(first.errors)")
      let judged = try CommandRun(["run", "run", "--json", "--threads", "1"], in: folder)
      for name in ["loss", "perplexity", "masked_accuracy", "unigram_loss"] {
        #expect(judged.output.contains("\"\(name)\" : "), "\(judged.errors)")
      }
      let filled = try CommandRun(["fill", "run", "the [MASK] of france", "--top", "2", "--json"], in: folder)
      #expect(filled.output.matches(of: #/"probability"/#).count == 2, "\(filled.errors)")
      let table = try CommandRun(["fill", "run", "[MASK] is [MASK]", "--top", "1"], in: folder)
      #expect(table.output.contains(#/blank +token +probability/#) && table.output.contains("\n2 "))
      let plan = try CommandRun(["plan", "run", "--program", "fill", "--threads", "1"], in: folder)
      #expect(plan.status == 0, "\(plan.errors)")
      let profile = try CommandRun(
        ["profile", "run", "--program", "fill", "--threads", "1", "--repetitions", "1"], in: folder)
      #expect(profile.status == 0 && profile.output.contains("kind and role"), "\(profile.errors)")
      // One of two layers is another model.
      for other in [["--depth", "1"], ["--variant", "recurrent"]] {
        let part = try CommandRun(["run", "run", "--threads", "1"] + other, in: folder)
        #expect(part.status == 1 && part.errors.contains("the model has no place for "), "\(part.output)\(part.errors)")
        #expect(part.errors.contains("it was made by masked-language-model, preset demonstration"), "\(part.errors)")
      }
    }
  }

  /// Another text has another vocabulary: numbers of tokens would mean something else.
  @Test func otherTextsAreRefused() throws {
    try withTemporaryFolder { folder in
      try Self.text(in: folder)
      let training = ["train", "masked-language-model", "--preset", "demonstration", "--depth", "1", "--steps", "2"]
      let first = try CommandRun(training + Self.small + ["-o", "run"], in: folder)
      #expect(first.status == 0, "\(first.errors)")
      let other = ["--data", "text.txt", "--preset", "demonstration"]
      let judged = try CommandRun(["run", "run", "--threads", "1"] + other, in: folder)
      #expect(judged.status == 1 && judged.errors.contains("the vocabulary is another one: token 25"))
      let resumed = try CommandRun(
        ["train", "run", "--resume", "--steps", "3", "--accept-changes"] + other, in: folder)
      #expect(resumed.status != 0 && resumed.errors.contains("the vocabulary is another one"), "\(resumed.errors)")
      func refusal(_ arguments: String...) throws -> String {
        let found = try CommandRun(arguments, in: folder)
        #expect(found.status == 64, "\(arguments)")
        return found.errors
      }
      #expect(
        try refusal("fill", "run", "no blank").contains(
          "'no blank' has no [MASK], needs one at least: a place to be filled"))
      #expect(
        try refusal("fill", "run", String(repeating: "[MASK] ", count: 40)).contains(
          "the model sees at most 32"))
      #expect(try refusal("fill", "nowhere", "[MASK]").contains("nowhere is no folder of a run"))
      #expect(try refusal("fill", "run", "[MASK]", "--top", "0").contains("--top is 0, needs at least 1"))
      #expect(
        try refusal("train", "masked-language-model", "--gradient", "last:1").contains(
          "setting gradient is 'last(1)', needs none, since bert repeats nothing"))
    }
  }

  @Test func modelsAreComparedAtEqualCompute() throws {
    try withTemporaryFolder { folder in
      try Self.text(in: folder)
      let arguments = [
        "accuracy-vs-compute", "--data", "text.txt", "--preset", "demonstration", "--steps", "2", "--seeds", "1",
        "--depths", "1,4", "--tokens", "100", "--threads", "1",
      ]
      let found = try CommandRun(arguments + ["-o", "results"], in: folder)
      #expect(found.status == 0, "\(found.errors)")
      for name in ["bert x 4", "recurrent x 1", "recurrent x 4", "wide recurrent x 4"] {
        #expect(found.output.contains("\n\(name) "), "\(found.output)")
      }
      let results = try String(contentsOfFile: folder + "/results/results.json", encoding: .utf8)
      #expect(results.contains("\"checkpointed(every: 1)\" : ") && results.contains("\"unigram_loss\" : "))
      for name in ["accuracy-vs-compute.svg", "depth.png"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/results/\(name)"))
      }
      try Self.expectTables(of: arguments, in: folder)
      func refusal(_ others: String...) throws -> String { try CommandRun(["accuracy-vs-compute"] + others).errors }
      #expect(
        try refusal("--depths", "2,2").contains(
          "--depths got '2,2', needs different whole numbers from 1 to 1000, separated by commas"))
      #expect(
        try refusal("--steps", "1", "--minutes", "2").contains(
          "--steps and --minutes say the same; needs one of them"))
      #expect(
        try refusal("--minutes", "0").contains("--minutes is 0.0, needs a number above 0, at most 100000"))
    }
  }

  /// Tables of what was trained are there where a picture cannot be drawn, and where a later run fails.
  private static func expectTables(of arguments: [String], in folder: String) throws {
    func again(_ depths: String, _ environment: [String: String] = [:]) throws -> CommandRun {
      let own = arguments.map { $0 == "1,4" ? depths : $0 } + ["-o", "results"]
      let found = try CommandRun(own, in: folder, environment: environment)
      #expect(found.status == 1)
      // The list of what each needs has a row of every model, also of one that was not trained.
      for name in ["bert x 4", "recurrent x 1", "recurrent x 2", "wide recurrent x 4"] {
        let rows = found.output.components(separatedBy: "\n\(name) ").count - 1
        #expect((rows > 1) == (name != "recurrent x 2"), "\(found.output)\(found.errors)")
      }
      return found
    }
    let compiler = ["RECURVE_CC": "/bin/false", "RECURVE_CACHE": folder + "/kernels"]
    let failed = try again("1,2", compiler)
    #expect(failed.errors.contains("the C compiler failed"), "\(failed.errors)")
    let picture = folder + "/results/accuracy-vs-compute.svg"
    try FileManager.default.removeItem(atPath: picture)
    try FileManager.default.createDirectory(atPath: picture, withIntermediateDirectories: false)
    let undrawn = try again("1")
    #expect(undrawn.errors.contains("cannot draw results/accuracy-vs-compute.svg: it is a folder"), "\(undrawn.errors)")
  }

  /// Before anything is planned or made.
  @Test func textsThatAreTooShortAreNamed() throws {
    try withTemporaryFolder { folder in
      try Data("a b".utf8).write(to: URL(fileURLWithPath: folder + "/short.txt"))
      let found = try CommandRun(["accuracy-vs-compute", "--data", "short.txt", "-o", "results"], in: folder)
      let problem = "short.txt: what is not held out of the text has 3 tokens, needs at least 129 for a sequence"
      #expect(found.status == 1 && found.errors.contains(problem), "\(found.errors)")
      #expect(!found.errors.contains("planning") && !FileManager.default.fileExists(atPath: folder + "/results"))
    }
  }

  @Test func batchesAreWrittenForOthers() throws {
    try withTemporaryFolder { folder in
      let found = try CommandRun(
        [
          "masked-batches", "--variant", "recurrent", "--steps", "2", "--held-out", "1", "-o", "b.safetensors",
          "--json",
        ],
        in: folder)
      #expect(found.status == 0 && found.output.contains("\"held_out_batches\" : 1"), "\(found.errors)")
      #expect(found.output.contains("\"validation_batches\" : 4"), "\(found.output)")
      let header = try Self.header(folder + "/b.safetensors")
      for name in ["weights.layers.0.attention.queryKeyValue.weight", "inputs.tokens", "held_out.labels", "rates"] {
        #expect(header.contains("\"\(name)\""))
      }
      #expect(header.contains("\"variant\":\"recurrent\""))
    }
  }

  /// A run's record says what its batches are.
  @Test func batchesOfRunsAreWritten() throws {
    try withTemporaryFolder { folder in
      try Self.text(in: folder)
      let training = ["train", "masked-language-model", "--preset", "demonstration", "--depth", "1", "--steps", "2"]
      let others = ["--data", "text.txt", "--seed", "7", "--variant", "recurrent", "-o", "run"]
      let trained = try CommandRun(training + Self.small + others, in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let asked = ["masked-batches", "run", "-o", "b.safetensors"]
      let written = try CommandRun(asked + ["--held-out", "1"], in: folder)
      #expect(written.status == 0, "\(written.errors)")
      #expect(
        written.errors.contains("wrote b.safetensors: 2 batches of training, 4 of validation, 1 held out"),
        "\(written.errors)")
      let header = try Self.header(folder + "/b.safetensors")
      for note in ["seed\":\"7", "depth\":\"1", "batch\":\"4", "vocabulary\":\"270", "variant\":\"recurrent"] {
        #expect(header.contains("\"\(note)\""), "\(header)")
      }
      func refusal(_ others: String...) throws -> String {
        let found = try CommandRun(asked + others, in: folder)
        #expect(found.status == 64, "\(others)")
        return found.errors
      }
      #expect(try refusal("--steps", "3").contains("--steps is 3, needs at most 2"))
      #expect(try refusal("--seed", "7").contains("--seed, which the record of run says; leave it out"))
      #expect(try refusal("--variant", "bert").contains("--variant, which the record of run says; leave it out"))
    }
  }

  private static func header(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)).prefix(8000), as: UTF8.self)
  }
}
