import Foundation
import Recurve

/// How the training of a small network on all its examples went.
struct Convergence: Sendable {
  /// Iterations until the mean squared error was reached; nil if it never was.
  var iterations: Int?
  var loss: Double
  var largestError: Double
  /// Losses of iterations that are told apart in a picture.
  var curve: [(x: Double, y: Double)] = []

  /// The iterations, infinite for a run that never ended: for medians.
  var count: Double { iterations.map(Double.init) ?? .infinity }

  /// Trains on the whole table until the mean squared error is 0.01, or for so many iterations.
  init(_ trainer: Trainer, _ table: TruthTable, target: Double = 0.01, limit: Int = 20_000) throws {
    let inputs = table.tensors
    (loss, largestError) = (.infinity, .infinity)
    for iteration in 1...limit {
      let results = try trainer.step(inputs)
      loss = results["loss"]?.doubles[0] ?? .nan
      largestError = results["largest_error"]?.doubles[0] ?? .nan
      if iteration % max(1, iteration / 50) == 0 { curve.append((Double(iteration), loss)) }
      if loss <= target {
        iterations = iteration
        return
      }
    }
  }
}

extension Convergence {
  /// A table with a row for each way of training, and a picture with its median run.
  static func findings(
    table: String, chart: String, _ names: [String], _ all: [[Convergence]], _ run: ExperimentRun
  ) throws -> Findings {
    var findings = Findings()
    findings.tables = [Self.table(table, names, all)]
    findings.pictures = [
      try run.draw(
        Self.chart(chart, names, all), as: "loss", caption: "Each line is the run with the median number of iterations."
      )
    ]
    return findings
  }

  /// How long each way took, how many runs never ended.
  static func table(_ title: String, _ names: [String], _ all: [[Convergence]]) -> Findings.Table {
    Findings.Table(
      title, header: ["", "iterations", "fastest", "slowest", "final error", "never"],
      rows: zip(names, all).map { name, runs in
        let counts = runs.map(\.count)
        return [
          name, number(counts.median), number(counts.min() ?? .nan), number(counts.max() ?? .nan),
          number(runs.map(\.loss).median), "\(runs.count { $0.iterations == nil }) of \(runs.count)",
        ]
      })
  }

  private static func chart(_ title: String, _ names: [String], _ all: [[Convergence]]) -> Chart {
    Chart(
      title: title, xLabel: "iteration", yLabel: "mean squared error",
      series: zip(names, all).map { name, runs in
        let middle = runs.sorted { $0.count < $1.count }[runs.count / 2]
        return Chart.Series(name: name, points: middle.curve)
      })
  }

  private static func number(_ value: Double) -> String {
    value.isFinite ? (value >= 10 ? "\(Int(value.rounded()))" : String(format: "%.3f", value)) : "-"
  }
}
