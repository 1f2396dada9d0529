import Recurve
import Testing

@testable import MaskedLanguageModel

/// What is matched, and that it is.
@Suite struct ComputeTests {
  private static let options = CompilerOptions(workerCount: 1)

  private static func experiment(depths: [Int] = [2, 4]) throws -> ComputeExperiment {
    let text = TaskTests.text
    let sizes = MaskedLanguageModel.Sizes(
      width: 16, heads: 2, depth: 2, vocabulary: text.vocabulary.count + 1, context: 16)
    return try ComputeExperiment(
      ComputeArm.all(sizes, depths: depths), text, batch: 4, Recipe(steps: 4, warmUp: 1), options)
  }

  @Test func onePublishedSizeIsMatchedInWeights() throws {
    let sizes = MaskedLanguageModel.Sizes(width: 256, heads: 4, depth: 4, vocabulary: 8192, context: 128)
    let arms = ComputeArm.all(sizes, depths: [1, 4])
    #expect(arms.map(\.name) == ["bert x 4", "recurrent x 1", "recurrent x 4", "wide recurrent x 4"])
    let counts = try arms.map { try MaskedLanguageModel($0.sizes, batch: 1).traced(name: "masked").weightCount }
    #expect(abs(Double(counts[3]) / Double(counts[0]) - 1) < 0.002 && arms[3].sizes.inner % 32 == 0)
    #expect(counts[1] == counts[2] && counts[2] < counts[0])
  }

  @Test func runsAreMatchedInStepsOrCompute() throws {
    let experiment = try Self.experiment()
    let prices = experiment.prices
    #expect(Set(prices[1].plannedBytes.keys) == Set(ComputePrice.modes.map { "\($0)" }))
    #expect(prices[0].plannedBytes.keys.map { $0 } == ["full"])
    #expect((prices[2].plannedBytes["last(1)"] ?? 0) < prices[2].plannedBytes["full"] ?? 0)
    let runs = experiment.runs(steps: 1000)
    let total = 1000 * Double(prices[0].flops)
    for (arm, price) in zip(experiment.arms, prices) {
      let own = runs.filter { $0.arm == arm }
      #expect(own.map(\.matched) == [.both] || own.map(\.matched) == [.steps, .compute], "\(arm.name)")
      #expect(own[0].steps == 1000 && own.allSatisfy { $0.flopsPerStep == price.flops })
      let compute = Double(own[own.count - 1].steps) * Double(price.flops)
      #expect(abs(compute / total - 1) < 0.011, "\(arm.name)")
    }
    #expect(runs[0].matched == .both && runs.count { $0.arm == experiment.arms[2] } == 2)
  }

  @Test func resultsBecomeTablesAndPictures() throws {
    let experiment = try Self.experiment()
    let runs = experiment.runs(steps: 5)
    let results = try [UInt64(1), 2, 3].flatMap { seed in
      try runs.map { run in
        try #require(try experiment.measure(run, seed: seed, tokens: 16))
      }
    }
    for (run, result) in zip(runs, results) {
      let last = try #require(result.curve.last)
      #expect(last.step == run.steps && last.flops == Double(run.steps) * Double(run.flopsPerStep))
      #expect(last.loss > 4 && last.loss < 7 && (0...1).contains(last.maskedAccuracy))
    }
    let report = ComputeReport(
      ComputeSetting(experiment, preset: "text", steps: 5, tokens: 16), prices: experiment.prices,
      results: results, unigramLoss: experiment.text.unigramLoss)
    let rows = report.text.split(separator: "\n").map { $0.split(separator: " ") }
    for (run, price) in runs.map({ run in (run, experiment.prices.first { $0.arm == run.arm.name }) }) {
      let name = run.arm.name.split(separator: " ")
      let row = try #require(
        rows.first { row in
          row.starts(with: name) && row.contains(run.matched == .both ? "steps," : Substring(run.matched.rawValue))
        })
      #expect(row[name.count] == "\(price?.weights ?? 0)" && row.contains("\(run.steps)"), "\(row)")
    }
    #expect(report.chart.series.count == runs.count)
    #expect(report.depthChart?.series.map(\.points.count) == [2, 2])
    // A program that counts otherwise has other steps: no mean of both.
    var mixed = report
    mixed.results[1].steps += 1
    #expect(mixed.text.split(separator: "\n").count == rows.count + 1)
    // Whoever asks to stop gets nothing half done.
    #expect(try experiment.measure(runs[0], seed: 1, tokens: 8, isStopRequested: { true }) == nil)
  }
}
