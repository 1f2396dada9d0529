import Foundation
import Recurve
import TinyRecursion

extension LearningPath {
  static let weightAveraging = Experiment(
    name: "9b", title: "Averages of weights",
    idea: """
      With few examples and a high learning rate the weights never come to rest: each step throws them to another side of \
      the valley. A running average, `average <- 0.999 average + 0.001 weight`, follows slowly and sits in the middle. \
      Training goes on with the weights themselves; evaluation uses the averages. One run gives both: at the same moments \
      the same held-out puzzles are put to the weights and to their averages. The rate is three times the usual one, and \
      there are 1000 puzzles.
      """,
    promise: "without averages training diverges after 40,000 steps; with them it is stable and better", seedCount: 5
  ) { run in
    let all = try run.overSeeds("Sudoku, 1000 puzzles") { seed in try curves(seed, run) }
    var findings = Findings()
    let tail = all.map { run in run.suffix(run.count / 5) }
    func median(_ value: (ArraySlice<AveragingPoint>) -> Double) -> Double { tail.map(value).median }
    func deviation(_ values: [Double]) -> Double {
      values.map { ($0 - values.mean) * ($0 - values.mean) }.mean.squareRoot()
    }
    let rows: [(String, KeyPath<AveragingPoint, Double> & Sendable)] = [("weights", \.raw), ("averages", \.averaged)]
    findings.tables = [
      Findings.Table(
        "Held-out puzzles solved in the last fifth of \(averagingSteps) steps",
        header: ["", "mean", "lowest", "standard deviation"],
        rows: rows.map { name, path in
          [
            name, percent(median { $0.map { $0[keyPath: path] }.mean }),
            percent(median { $0.map { $0[keyPath: path] }.min() ?? .nan }),
            percent(median { deviation($0.map { $0[keyPath: path] }) }),
          ]
        })
    ]
    findings.pictures = [
      try run.draw(
        Chart(
          title: "Held-out puzzles solved, seed \(run.seeds[0])", xLabel: "step", yLabel: "share",
          series: rows.map { name, path in
            Chart.Series(name: name, points: all[0].map { (Double($0.step), $0[keyPath: path]) })
          }), as: "accuracy", caption: "The same run, judged by its weights and by their averages.")
    ]
    let deviations = rows.map { row in median { deviation($0.map { $0[keyPath: row.1] }) } }
    findings.check(
      "standard deviation with averages over that without", deviations[1] / deviations[0], atMost: 0.7)
    findings.check(
      "mean share solved with averages minus that without",
      median { $0.map { $0.averaged - $0.raw }.mean }, atLeast: 0)
    if let lowest = all.flatMap({ $0.suffix($0.count / 5) }).map(\.raw).min(), lowest > 0.5 {
      findings.remarks.append(
        "Without averages training does not diverge within \(averagingSteps) steps; the document's \(40_000) were not run."
      )
    }
    return findings
  }

  private static let averagingSteps = 4000

  private struct AveragingPoint: Sendable {
    var step: Int
    var raw: Double
    var averaged: Double
  }

  private static func curves(_ seed: UInt64, _ run: ExperimentRun) throws -> [AveragingPoint] {
    let puzzles = try GridPuzzles.sudokus(blanks: 6...10, training: 1000, test: 256, seed: seed)
    var sizes = TinyRecursion.Sizes(batch: 32, side: 4, width: 16, heads: 1, inner: 64, registers: 1)
    (sizes.variant, sizes.cycles, sizes.updates, sizes.supervisionSteps) = (.mixer, 1, 1, 2)
    func training(_ optimizer: Optimizer) throws -> GridTraining {
      try GridTraining(
        sizes, puzzles, optimizer: optimizer, rate: LearningRate(1e-2, warmUp: 50), seed: seed, run.options)
    }
    let averaged = try training(.adamW(decay: 0.1).averaging(0.999))
    // The same model without averages: it is given the weights of the moment and only evaluates.
    let raw = try training(.adamW(decay: 0.1))
    func share(_ training: GridTraining) throws -> Double {
      try training.outcomes().map { $0.isSolved[$0.isSolved.count - 1] ? 1 : 0 }.mean
    }
    return try stride(from: 50, through: averagingSteps, by: 50).map { step in
      try averaged.train(50)
      try raw.session.trainer.setWeights(averaged.session.trainer.weights)
      return AveragingPoint(step: step, raw: try share(raw), averaged: try share(averaged))
    }
  }
}
