import Foundation
import Recurve
import TestSupport
import Testing

@testable import TinyRecursion

/// One thing changed at a time.
@Suite struct AblationTests {
  @Test func onlyTheNamedThingChanges() throws {
    let setting = try AblationPlan(preset: "nano", steps: 10).setting
    func changed(_ name: String) throws -> Ablation.Setting {
      try #require(Ablation.all.first { $0.name == name }).applied(to: setting)
    }
    #expect(setting.sizes.variant == .mixer && setting.recipe.steps == 10 && setting.recipe.warmUp == 2)
    #expect(try changed("as published").gradient == .last(1) && changed("full gradient").gradient == .full)
    #expect(try changed("last 2 cycles").gradient == .last(2) && changed("one step").sizes.latentGradient == .last(1))
    #expect(try changed("T 2 n 2").sizes.updates == 2 && changed("no averages").recipe.averageShare == nil)
    #expect(try changed("other mixer").sizes.variant == .attention && changed("two networks").sizes.separatesNetworks)
    #expect(
      try changed("memory tokens").sizes.registers == 9 && changed("neighbours alone").sizes.variant == .convolution)
    #expect(Set(Ablation.all.map(\.name)).count == Ablation.all.count)
    // So that `--only` can name each.
    #expect(Ablation.all.allSatisfy { !$0.name.contains(",") })
  }

  /// Two numbers for each channel inside the feed-forward layer, of which a position sees itself and the one before.
  @Test func shortConvolutionsAreInFeedForwardLayers() throws {
    var setting = try AblationPlan(preset: "nano", steps: 10).setting
    (setting.sizes.batch, setting.sizes.inner, setting.sizes.layers) = (1, 8, 1)
    let changed = try #require(Ablation.all.first { $0.name == "feed-forward convolution" }).applied(to: setting)
    let traced = try TinyRecursion(changed.sizes, gradient: .last(1)).traced(name: "tiny-recursion")
    let kernel = try #require(traced.weights.first { $0.name == "net.blocks.0.shortConvolution.kernel" })
    #expect(kernel.weight.shape == [8, 1, 2])
    let plain = try TinyRecursion(setting.sizes, gradient: .last(1)).traced(name: "tiny-recursion")
    #expect(traced.weightCount == plain.weightCount + 16)
  }

  @Test func puzzlesAreThoseAskedFor() throws {
    var plan = try AblationPlan(blanks: "11-12")
    plan.setting.sizes.batch = 4
    let source = try TinyRecursionTask.Source(plan.setting.sizes, path: nil, seed: 1)
    let questions = source.heldOut(0, [0, 1, 2, 3]).questions
    let counts = stride(from: 0, to: 64, by: 16).map { start in questions[start..<start + 16].count { $0 == 1 } }
    #expect(counts == [11, 12, 11, 12])
    #expect(plan.key.blanks == "11-12")
    let blanks = #expect(throws: ModelFamilyError.self) { try AblationPlan(blanks: "11-13") }
    #expect(blanks?.description == "setting blanks is '11-13', needs usual, a number or a range within 0-12")
    let error = #expect(throws: TaskError.self) { try AblationPlan(preset: "maze") }
    #expect(error?.description == "needs a preset of Sudokus, got maze")
  }

  @Test func oneIsTrainedAndJudged() throws {
    var plan = try AblationPlan(steps: 2)
    (plan.setting.sizes.batch, plan.setting.sizes.width, plan.setting.sizes.inner) = (2, 16, 16)
    (plan.judgements, plan.batches) = (2, 1)
    let one = Ablation.all[3]
    let result = try #require(try plan.measure(one, seed: 1, CompilerOptions(workerCount: 1)))
    #expect(result.ablation == "one step" && result.curve.map(\.step) == [1, 2] && result.plannedBytes > 0)
    #expect(try plan.measure(one, seed: 1, CompilerOptions(workerCount: 1), isStopRequested: { true }) == nil)
  }

  private struct File: Encodable {
    var setting: AblationPlan.Key
    var results: [AblationResult]
  }

  private struct Published: Decodable { var setting: AblationPlan.Key }

  /// What the page of the model says of its two files: one can be gone on from, one is of puzzles held out in another way.
  @Test func publishedResultsSayWhatTheyAreOf() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func setting(_ name: String) throws -> AblationPlan.Key {
      let file = root.appendingPathComponent("Graphs/TinyRecursion/Pictures/\(name).json")
      let data = try Data(contentsOf: file)
      return try JSONDecoder().decode(Published.self, from: data).setting
    }
    #expect(try setting("gradients-4x4") == AblationPlan(steps: 2000, blanks: "12").key)
    var other = try AblationPlan(preset: "micro", steps: 1000).key
    #expect(other.heldOut == "solutions under all names of digits")
    other.heldOut = "solutions, names of digits told apart"
    #expect(try setting("gradients-6x6") == other)
  }

  /// An experiment goes on from what its folder has, and writes over no other.
  @Test(.enabled(if: KilledRun.isPossible)) func resultsThatAreThereAreNotTrainedAgain() throws {
    try withTemporaryFolder { folder in
      let plan = try AblationPlan(steps: 7, blanks: "12", learningRate: 1e-3)
      var results = ["one step", "full gradient"].map { AblationResult(ablation: $0, seed: 1) }
      for index in results.indices {
        results[index].exactAccuracy = 0.25 + 0.5 * Double(index)
        results[index].curve = [.init(step: 7, exactAccuracy: 0.5)]
      }
      let path = folder + "/ablations.json"
      try JSONEncoder().encode(File(setting: plan.key, results: results)).write(to: URL(fileURLWithPath: path))
      let settings = ["--blanks", "12", "--learning-rate", "1e-3", "--seeds", "1", "--output", folder]
      let only = ["--only", "full gradient,one step"]
      let first = try CommandRun(["ablate", "--steps", "7"] + settings + only)
      let rows = first.output.split(separator: "\n").dropFirst(2).map { $0.split(separator: " ") }
      #expect(first.status == 0 && rows.map { $0[0] } == ["full", "one"], "\(first.errors)")
      #expect(rows[0].contains("75.0") && rows[1].contains("25.0"))
      #expect(FileManager.default.fileExists(atPath: folder + "/ablations.png"))
      let other = try CommandRun(["ablate", "--steps", "8"] + settings + only)
      #expect(other.status == 1)
      let (found, needed) = (
        #"{ "blanks" : "12-12", "held_out" : "#, #""steps" : 7 }, needs those of { "blanks" : "12-12", "#
      )
      #expect(other.errors.contains("cannot go on from \(path): found results of \(found)"), "\(other.errors)")
      #expect(other.errors.contains(needed), "\(other.errors)")
      #expect(other.errors.contains(#""steps" : 8 }; name another folder with --output"#), "\(other.errors)")
      try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
      let broken = try CommandRun(["ablate", "--steps", "7"] + settings + only)
      #expect(broken.errors.contains("found no results of such an experiment"), "\(broken.errors)")
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      let folderInstead = try CommandRun(["ablate", "--steps", "7"] + settings + only)
      #expect(folderInstead.errors.contains("cannot go on from \(path): found a folder"), "\(folderInstead.errors)")
    }
  }

  @Test(.enabled(if: KilledRun.isPossible)) func theCommandRefusesWhatItDoesNotKnow() throws {
    func message(_ arguments: String...) throws -> String {
      let found = try CommandRun(["ablate"] + arguments)
      #expect(found.status == 64)
      return found.errors
    }
    #expect(try message("--only", "one step, one step").contains("--only names 'one step' twice"))
    #expect(try message("--only", "x").contains("no ablation is called 'x'; there are as published; full gradient"))
    for blanks in ["12-11", "9-40", "x"] {
      let problem = "setting blanks is '\(blanks)', needs usual, a number or a range within 0-12"
      #expect(try message("--blanks", blanks).contains(problem))
    }
    #expect(try message("--seeds", "0").contains("--seeds is 0, needs at least 1"))
    #expect(try message("--learning-rate", "nan").contains("--learning-rate is nan, needs at least 0"))
    #expect(try message("--preset", "maze").contains("needs a preset of Sudokus, got maze"))
  }
}
