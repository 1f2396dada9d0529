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
    #expect(Set(Ablation.all.map(\.name)).count == Ablation.all.count)
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

  @Test(.enabled(if: KilledRun.isPossible)) func theCommandRefusesWhatItDoesNotKnow() throws {
    func message(_ arguments: String...) throws -> String {
      let found = try CommandRun(["ablate"] + arguments)
      #expect(found.status == 64)
      return found.errors
    }
    #expect(try message("--only", "x").contains("no ablation is called 'x'; there are as published; full gradient"))
    #expect(try message("--blanks", "12-11").contains("--blanks got '12-11', needs a number or two, the smaller first"))
    #expect(try message("--blanks", "9-40").contains("blanks of 4x4 puzzles must start in 0...12 and end by 16"))
    #expect(try message("--seeds", "0").contains("--seeds is 0, needs at least 1"))
    #expect(try message("--preset", "maze").contains("needs a preset of Sudokus, got maze"))
  }
}
