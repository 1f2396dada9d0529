import Foundation
import Puzzles
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
    #expect(try changed("T 2, n 2").sizes.updates == 2 && changed("no averages").recipe.averageShare == nil)
    #expect(try changed("other mixer").sizes.variant == .attention && changed("two networks").sizes.separatesNetworks)
    #expect(
      try changed("memory tokens").sizes.registers == 9 && changed("neighbours alone").sizes.variant == .convolution)
    #expect(Set(Ablation.all.map(\.name)).count == Ablation.all.count)
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
    let plan = try AblationPlan(blanks: 11...12)
    let source = try TinyRecursionTask.Source(.four, blanks: plan.blanks, batch: 4, seed: 1)
    let questions = source.heldOut(0, [0, 1, 2, 3]).questions
    let counts = stride(from: 0, to: 64, by: 16).map { start in questions[start..<start + 16].count { $0 == 1 } }
    #expect(counts == [11, 12, 11, 12])
    #expect(throws: SudokuGeneratorError.self) { try AblationPlan(blanks: 11...13) }
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

  /// An experiment goes on from what its folder has, and writes over no other.
  @Test(.enabled(if: KilledRun.isPossible)) func resultsThatAreThereAreNotTrainedAgain() throws {
    try withTemporaryFolder { folder in
      let plan = try AblationPlan(steps: 7, blanks: 12...12, learningRate: 1e-3)
      var results = ["one step", "full gradient"].map { AblationResult(ablation: $0, seed: 1) }
      for index in results.indices {
        results[index].exactAccuracy = 0.25 + 0.5 * Double(index)
        results[index].curve = [.init(step: 7, exactAccuracy: 0.5)]
      }
      let path = folder + "/ablations.json"
      try JSONEncoder().encode(File(setting: plan.key, results: results)).write(to: URL(fileURLWithPath: path))
      let settings = ["--blanks", "12", "--learning-rate", "1e-3", "--seeds", "1", "--output", folder]
      let only = ["--only", "full gradient,one step"]
      let found = try CommandRun(["ablate", "--steps", "7"] + settings + only)
      let rows = found.output.split(separator: "\n").dropFirst(2).map { $0.split(separator: " ") }
      #expect(found.status == 0 && rows.map { $0[0] } == ["full", "one"], "\(found.errors)")
      #expect(rows[0].contains("75.0") && rows[1].contains("25.0"))
      #expect(FileManager.default.fileExists(atPath: folder + "/ablations.png"))
      let other = try CommandRun(["ablate", "--steps", "8"] + settings + only)
      #expect(other.status == 1)
      #expect(
        other.errors.contains(
          #"cannot go on from \#(path): found results of { "blanks" : "12-12", "learning_rate" : 0.001, "preset" : "nano", "#
            + #""steps" : 7 }, needs those of { "blanks" : "12-12", "learning_rate" : 0.001, "preset" : "nano", "steps" : 8 }; "#
            + "name another folder with --output"), "\(other.errors)")
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
    #expect(try message("--blanks", "12-11").contains("--blanks got '12-11', needs a number or two, the smaller first"))
    #expect(try message("--blanks", "9-40").contains("blanks of 4x4 puzzles must start in 0...12 and end by 16"))
    #expect(try message("--seeds", "0").contains("--seeds is 0, needs at least 1"))
    #expect(try message("--preset", "maze").contains("needs a preset of Sudokus, got maze"))
  }
}
