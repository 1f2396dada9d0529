import Foundation
import Recurve
import TestSupport
import Testing
import TinyRecursion

/// What a run's folder says of the run: written, read, refused, compared.
@Suite struct RunRecordTests {
  private static func record(
    _ options: ModelOptions = ModelOptions(preset: "nano", seed: .max), _ recipe: Recipe = Recipe()
  ) throws -> RunRecord { try RunRecord(TinyRecursion.family, options, recipe) }

  @Test func recordsReadBackAsTheyWere() throws {
    try withTemporaryFolder { folder in
      var recipe = Recipe(rule: .adamATan2, learningRate: 0.1, schedule: .cosine, averageShare: 0.999, clippingNorm: 1)
      recipe.decaysMatricesOnly = true
      let data = folder + "/x.csv"
      try Data("foobar".utf8).write(to: URL(fileURLWithPath: data))
      var record = try Self.record(
        ModelOptions(preset: "micro", variant: "mixer", gradient: .revolve(slots: 3), dataPath: data), recipe)
      (record.weightCount, record.checkpointEvery, record.keptCheckpoints) = (7, 3, 2)
      try record.write(to: folder + "/run.json")
      #expect(try RunRecord(path: folder + "/run.json") == record)
      #expect(record.recipe.weightDecay == 1 && record.numbers["betas.1"] == 0.95)
      // The published hash of these six bytes.
      #expect(record.data == .file(path: data, hash: "fnv1a64:85944171f73967e8"))
      #expect(record.plan.checkpointEvery == 3 && record.plan.keptCheckpoints == 2)
      let own = try Self.record()
      try own.write(to: folder + "/run.json")
      #expect(try RunRecord(path: folder + "/run.json") == own)
    }
  }

  private static let noJSON = "it is no JSON, or a number in it is none that its place can hold"

  /// What a change of a good file makes of it.
  private static func refusal(_ old: String, _ new: String) throws -> String {
    try withTemporaryFolder { folder in
      let path = folder + "/run.json"
      try record().write(to: path)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains(old), "\(old)")
      try Data(text.replacing(old, with: new).utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: RunRecordError.self) { try RunRecord(path: path) }
      return error.map { $0.description.replacing(path, with: "run.json") } ?? ""
    }
  }

  @Test(
    arguments: [
      ("{", "[", "run.json: \(noJSON)"),
      ("\"batch\" : 32,", "", "run.json: 'batch' is missing"),
      ("\"batch\" : 32", "\"batch\" : \"x\"", "run.json: 'batch' is not a whole number"),
      ("\"batch\" : 32", "\"batch\" : null", "run.json: 'batch' is null, needs a value"),
      ("\"batch\" : 32", "\"batch\" : 0", "run.json: 'batch' is 0, needs 1 to 1000000000"),
      ("\"depth\" : 3", "\"depth\" : 1000001", "run.json: 'depth' is 1000001, needs 1 to 1000000"),
      ("\"family\" : \"tiny-recursion\"", "\"family\" : 3", "run.json: 'family' is not a text"),
      ("\"learning_rate\" : 0.001", "\"learning_rate\" : true", "run.json: 'recipe.learning_rate' is not a number"),
      (
        "\"learning_rate\" : 0.001", "\"learning_rate\" : -1",
        "run.json: learning rate: base is -1.0, needs at least 0"
      ),
      ("\"steps\" : 300", "\"steps\" : 0", "run.json: training plan: steps is 0, needs 1 to 1073741823"),
      ("\"version\" : 1", "\"version\" : 2", "run.json: it has version 2, needs version 1, which this program knows"),
      ("\"weights\" : 0", "\"weights\" : -1", "run.json: 'weights' is -1, needs at least 0"),
      (
        "\"gradient\" : \"last(1)\"", "\"gradient\" : \"last(0)\"",
        "run.json: 'gradient' is wrong: no gradient mode is called 'last(0)'"
      ),
      (
        "\"data\" : \"generated\"", "\"data\" : \"made\"",
        "run.json: 'data' is wrong: needed 'generated' or a path and a hash, found 'made'"
      ),
      (
        "\"preset\" : \"nano\"", "\"preset\" : \"a\\u001b[31m\"",
        "run.json: 'preset' is 'a\u{FFFD}[31m', needs a line of at most 200 characters, none of them a control"
      ),
    ])
  func filesThatAreNoRecordAreRefused(_ old: String, _ new: String, _ message: String) throws {
    #expect(try Self.refusal(old, new) == message)
  }

  @Test func numbersBeyondTheirTypesAreRefused() throws {
    for (old, new) in [
      ("\"batch\" : 32", "\"batch\" : 1e400"), ("\"batch\" : 32", "\"batch\" : 1.5"),
      ("\"seed\" : 18446744073709551615", "\"seed\" : -1"), ("\"warm_up\" : 20", "\"warm_up\" : 99999999999999999999"),
    ] {
      #expect(try Self.refusal(old, new) == "run.json: \(Self.noJSON)")
    }
    let rule = try Self.refusal("\"rule\" : \"adamw\"", "\"rule\" : \"magic\"")
    #expect(rule.hasPrefix("run.json: 'recipe.rule' is wrong: ") && rule.contains("magic"))
  }

  @Test func whatIsNoFileIsRefused() throws {
    try withTemporaryFolder { folder in
      func message(_ path: String) -> String? {
        #expect(throws: RunRecordError.self) { try RunRecord(path: path) }?.problem
      }
      #expect(message(folder + "/none") == "needed the record of a run, found no file")
      #expect(message(folder) == "needed the record of a run, found a folder")
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      #expect(message(folder + "/pipe") == "needed the record of a run, found what is no regular file")
      try Data(count: 2 << 20).write(to: URL(fileURLWithPath: folder + "/large"))
      #expect(
        message(folder + "/large") == "needed the record of a run, found 2097152 bytes, where at most 1048576 are read")
    }
  }

  @Test func whatChangesIsNamedWithBothValues() throws {
    var changed = try Self.record(ModelOptions(preset: "nano", batch: 2, seed: .max), Recipe(rule: .adam))
    (changed.recipe.steps, changed.recipe.validateEvery) = (9, 3)
    let differences = try Self.record().differences(to: changed)
    let texts = differences.map { "\($0.fact.name): \($0.recorded), \($0.found)" }
    #expect(texts == ["batch: 32, 2", "optimizer: adamw, adam", "weight decay: 0.1, 0.0", "betas.1: 0.95, 0.999"])
    let other = RunChangedError(path: "run.json", differences: [differences[1]], given: [])
    #expect(
      other.description.hasSuffix(
        "\nneeds what the run was made with, start a new run with another --output, or give --accept-changes"))
    let error = RunChangedError(path: "run.json", differences: [differences[0]], given: ["--batch"])
    #expect(error.isUsage)
    #expect(
      error.description == """
        the run cannot go on as another one (run.json):
          --batch: the run has 32, now it is 2
        leave these options out to go on as before, start a new run with another --output, or give --accept-changes
        """)
    #expect(!RunChangedError(path: "run.json", differences: differences, given: ["--batch"]).isUsage)
  }

  @Test func dataAreTheirBytesWhereverTheyLie() throws {
    try withTemporaryFolder { folder in
      for (name, text) in [("a", "one"), ("b", "one"), ("c", "two")] {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      let records = try ["a", "b", "c", "nothing"].map {
        try Self.record(ModelOptions(preset: "nano", dataPath: "\(folder)/\($0)"))
      }
      #expect(records[0].differences(to: records[1]).isEmpty)
      #expect(records[0].differences(to: records[2]).map(\.fact.option) == ["--data"])
      #expect(records[3].data.description == "\(folder)/nothing (no file that can be read)")
      #expect(records[3].differences(to: records[3]).map(\.fact.option) == [])
    }
  }
}
