import Foundation
import Recurve
import RecurveCommands
import TestSupport
import Testing

@testable import MaskedLanguageModel

/// Which kept results an experiment goes on from.
@Suite struct ComputeSettingTests {
  private static func setting(batch: Int = 4, rate: Double = 1e-3, width: Int = 16) throws -> ComputeSetting {
    let text = TaskTests.text
    let sizes = MaskedLanguageModel.Sizes(
      width: width, heads: 2, depth: 1, vocabulary: text.vocabulary.count + 1, context: 16)
    let experiment = try ComputeExperiment(
      [ComputeArm(name: "bert x 1", sizes: sizes)], text, batch: batch,
      Recipe(steps: 4, learningRate: rate, warmUp: 1), CompilerOptions(workerCount: 1))
    return ComputeSetting(experiment, preset: "text", steps: 5, tokens: 16)
  }

  /// What reading results of one setting for another says; empty where they are taken over.
  private static func refusal(of kept: ComputeSetting, for needed: ComputeSetting) throws -> String {
    try withTemporaryFolder { folder in
      let path = folder + "/results.json"
      let report = ComputeReport(kept, prices: [], results: [], unigramLoss: 1)
      try JSONEncoder().encode(report).write(to: URL(fileURLWithPath: path))
      do { _ = try KeptResults.read(path, of: needed, as: ComputeResult.self) } catch {
        return "\(error)".replacingOccurrences(of: folder + "/", with: "")
      }
      return ""
    }
  }

  @Test func resultsOfAnotherRecipeBatchOrModelAreNotTakenOver() throws {
    let own = try Self.setting()
    #expect(try Self.refusal(of: Self.setting(), for: own).isEmpty)
    let recipe = try #require(own.recipe)
    #expect(recipe.hasPrefix("5 steps, adamw, rate 0.001 constant, warm-up 1, final share 0.0; adamw: "), "\(recipe)")
    let batch = try Self.refusal(of: Self.setting(batch: 8), for: own)
    #expect(batch.hasPrefix(#"cannot go on from results.json: found results of { "batch" : 8, "#), "\(batch)")
    #expect(batch.contains(#", needs those of { "batch" : 4, "#), "\(batch)")
    let rate = try Self.refusal(of: Self.setting(rate: 0.25), for: own)
    #expect(rate.contains("5 steps, adamw, rate 0.25 constant, warm-up 1"), "\(rate)")
    let width = try Self.refusal(of: Self.setting(width: 8), for: own)
    #expect(width.contains("bert, width 8, heads 2, inner 32, depth 1, "), "\(width)")
  }

  /// Files of programs that did not say all of it are read, and are of another setting.
  @Test func olderResultsAreNotTakenOver() throws {
    let own = try Self.setting()
    var older = own
    (older.recipe, older.batch, older.sizes) = (nil, nil, nil)
    let refusal = try Self.refusal(of: older, for: own)
    #expect(
      refusal.hasPrefix(#"cannot go on from results.json: found results of { "preset" : "text", "steps" : 5, "#),
      "\(refusal)")
  }
}
