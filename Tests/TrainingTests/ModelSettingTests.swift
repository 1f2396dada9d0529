import Foundation
import Recurve
import TestSupport
import Testing

@testable import Training

/// Settings that only one family has: given, of the preset, or standard; kept with a run.
@Suite struct ModelSettingTests {
  private static let family = ModelFamily(
    name: "line", summary: "a line",
    presets: [ModelPreset("small", batch: 4, depth: 1, settings: ["window": "2"], checkpointEvery: 7)],
    depthName: "depth",
    settings: [
      ModelSetting("window", "words", .wholeNumbers(1...9), standard: "5"),
      ModelSetting("share", "of them", .numbers(0...1), standard: "0.5"),
      ModelSetting("kind", "of window", .choices(["fixed", "dynamic"]), standard: "fixed"),
    ],
    adapting: { options, recipe in
      var recipe = recipe
      recipe.steps = 10 * options.integer("window")
      return recipe
    }, make: { _ in InputsAheadTests.Task(ahead: false) })

  @Test func valuesAreGivenOrThePresetsOrStandard() throws {
    let options = try Self.family.completed(ModelOptions(settings: ["share": "1"]))
    #expect(options.settings == ["window": "2", "share": "1.0", "kind": "fixed"])
    #expect(options.integer("window") == 2 && options.number("share") == 1)
    #expect(try Self.family.recipe(for: ModelOptions(settings: ["window": "3"])).steps == 30)
    #expect(Self.family.fitsRecipes)
  }

  @Test func valuesThatCannotBeAreRefused() {
    func message(_ name: String, _ value: String) -> String? {
      #expect(throws: ModelFamilyError.self) {
        try Self.family.completed(ModelOptions(settings: [name: value]))
      }?.description
    }
    #expect(message("width", "3") == "no setting is called 'width'; there are window, share, kind")
    #expect(message("window", "0") == "setting window is '0', needs a whole number from 1 to 9")
    #expect(message("window", "2.5") == "setting window is '2.5', needs a whole number from 1 to 9")
    #expect(message("share", "nan") == "setting share is 'nan', needs a number from 0.0 to 1.0")
    #expect(message("kind", "round") == "setting kind is 'round', needs one of fixed, dynamic")
  }

  @Test func depthsWithoutEffectAreRefused() throws {
    func message(_ repetition: Repetition, _ options: ModelOptions) -> String? {
      let family = ModelFamily(
        name: "line", summary: "a line", presets: [ModelPreset("small", batch: 4, depth: 1)], depthName: "depth",
        repetition: { _ in repetition }, make: { _ in InputsAheadTests.Task(ahead: false) })
      do { _ = try family.completed(options) } catch { return "\(error)" }
      return nil
    }
    let (deep, short) = (ModelOptions(depth: 2), ModelOptions(gradient: .last(1)))
    #expect(message(.recursion, deep) == nil && message(.recursion, short) == nil && message(.layers, deep) == nil)
    #expect(message(.layers, short) == "setting gradient is 'last(1)', needs none, since line repeats nothing")
    #expect(message(.none, short) == "setting gradient is 'last(1)', needs none, since line repeats nothing")
    #expect(message(.none, deep) == "setting depth is '2', needs none, since line repeats nothing")
    #expect(message(.none, ModelOptions(depth: 1, gradient: .full)) == nil)
  }

  @Test func runsKeepThem() throws {
    let options = ModelOptions(settings: ["window": "4"])
    let record = try RunRecord(Self.family, options, Recipe())
    #expect(record.checkpointEvery == 7)
    try withTemporaryFolder { folder in
      try record.write(to: folder + "/run.json")
      let read = try RunRecord(path: folder + "/run.json")
      #expect(read == record && read.options.settings["window"] == "4")
    }
    let other = try RunRecord(Self.family, ModelOptions(settings: ["window": "3"]), Recipe())
    let difference = try #require(record.differences(to: other).first)
    #expect(difference.fact.option == "--set window" && difference.recorded == "4" && difference.found == "3")
  }

  @Test func commandsTakeThem() throws {
    let wrong = try CommandRun(["list", "tiny-recursion", "--json"])
    #expect(wrong.status == 0 && wrong.output.contains("\"settings\""))
    for (text, needed) in [
      ("window", "--set got 'window', needs name=value"), ("=3", "--set got '=3', needs name=value"),
      ("window=3", "no setting is called 'window'; there are updates"),
    ] {
      let run = try CommandRun(["plan", "tiny-recursion", "--set", text])
      #expect(run.status == 64 && run.errors.contains(needed), "\(run.errors)")
    }
    let twice = try CommandRun(["plan", "tiny-recursion", "--set", "window=3", "--set", "window=4"])
    #expect(twice.status == 64 && twice.errors.contains("--set gives window twice"))
  }
}
