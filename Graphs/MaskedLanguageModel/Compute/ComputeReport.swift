import Foundation
import Recurve

/// Accuracy against compute as people see it: tables, and two pictures.
public struct ComputeReport: Sendable, Codable {
  public var setting: ComputeSetting
  public var prices: [ComputePrice]
  public var results: [ComputeResult]
  /// Nats per token of the held-out text by the frequencies of tokens alone.
  public var unigramLoss: Double

  private enum CodingKeys: String, CodingKey {
    case setting, prices, results
    case unigramLoss = "unigram_loss"
  }

  public init(_ setting: ComputeSetting, prices: [ComputePrice], results: [ComputeResult], unigramLoss: Double) {
    (self.setting, self.prices, self.results, self.unigramLoss) = (setting, prices, results, unigramLoss)
  }

  /// The results of one run from all seeds together.
  private struct Group {
    var price: ComputePrice
    var matched: ComputeExperiment.Matched
    var results: [ComputeResult]

    /// In the end; of models that diverged there is none.
    private var last: [ComputeResult.Point] {
      results.compactMap { $0.divergedAtStep == nil ? $0.curve.last : nil }
    }
    var losses: [Double] { last.map(\.loss) }
    var accuracies: [Double] { last.map(\.maskedAccuracy) }
    /// How many seeds are in the means, and how many are not.
    var seeds: String {
      let diverged = results.count { $0.divergedAtStep != nil }
      return diverged == 0 ? "\(results.count)" : "\(results.count), \(diverged) diverged"
    }
  }

  private var groups: [Group] {
    prices.flatMap { price -> [Group] in
      ComputeExperiment.Matched.allCases.flatMap { matched -> [Group] in
        let own = results.filter { $0.arm == price.arm && $0.matched == matched }
        // Kept results may be of other numbers of steps.
        return Set(own.map(\.steps)).sorted().map { steps in
          Group(price: price, matched: matched, results: own.filter { $0.steps == steps })
        }
      }
    }
  }

  // MARK: Tables

  /// One row for each model and each number of steps; losses are means over seeds.
  public var text: String {
    let header = [
      "model", "weights", "GFLOP a step", "equal", "steps", "TFLOP in all", "seeds", "held-out loss", "least", "most",
      "perplexity", "masked accuracy", "time",
    ]
    let rows = groups.map { group in
      [
        group.price.arm, "\(group.price.weights)", String(format: "%.2f", Double(group.price.flops) / 1e9),
        group.matched == .both ? "steps, compute" : group.matched.rawValue, "\(group.results[0].steps)",
        String(format: "%.4g", Double(group.results[0].steps) * Double(group.price.flops) / 1e12), group.seeds,
        number(group.losses.mean), number(group.losses.min() ?? .nan), number(group.losses.max() ?? .nan),
        String(format: "%.4g", exp(group.losses.mean)), String(format: "%.2f %%", group.accuracies.mean * 100),
        TextTable.seconds(group.results.map(\.seconds).mean),
      ]
    }
    let table = TextTable.aligned([header] + rows, leftColumns: [0, 3])
    return [table, "frequencies of tokens alone: \(number(unigramLoss))", memoryText].joined(separator: "\n\n")
  }

  /// What a step of each costs.
  public var priceText: String {
    let rows = prices.map { ["\($0.arm)", "\($0.weights)", String(format: "%.2f", Double($0.flops) / 1e9)] }
    let table = TextTable.aligned([["model", "weights", "GFLOP a step"]] + rows, leftColumns: [0])
    return table + "\n\n" + memoryText
  }

  private func number(_ value: Double) -> String { String(format: "%.4f", value) }

  /// What a step is planned to compute in, by gradient mode.
  private var memoryText: String {
    let modes = ComputePrice.modes.map { "\($0)" }
    let rows = prices.map { price in
      [price.arm] + modes.map { price.plannedBytes[$0].map(TextTable.bytes) ?? "-" }
    }
    return TextTable.aligned([["planned memory of a step"] + modes] + rows, leftColumns: [0])
  }

  // MARK: Pictures

  /// The held-out loss over all floating-point operations so far, a color for each model.
  public var chart: Chart {
    let series = groups.map { group -> Chart.Series in
      // As in the table.
      let curves = group.results.filter { $0.divergedAtStep == nil }.map(\.curve)
      let longest = curves.max { $0.count < $1.count } ?? []
      let points = longest.indices.map { place in
        (x: longest[place].flops / 1e12, y: curves.filter { $0.count > place }.map { $0[place].loss }.mean)
      }
      let steps = group.matched == .both ? "" : ", equal \(group.matched.rawValue)"
      var series = Chart.Series(name: group.price.arm + steps, points: points, hasMarks: true)
      series.color = prices.firstIndex { $0.arm == group.price.arm } ?? 0
      series.dash = group.matched == .steps ? 2 : 1
      return series
    }
    return Chart(
      title: "Masked language models: held-out loss against compute, means over seeds", xLabel: "TFLOP of training",
      yLabel: "nats per masked token", series: series)
  }

  /// The held-out loss in the end over how often the one layer is applied; nil for fewer than two depths.
  public var depthChart: Chart? {
    func series(_ name: String, _ kinds: [ComputeExperiment.Matched]) -> Chart.Series {
      let own = groups.filter { $0.price.arm.hasPrefix("recurrent") && kinds.contains($0.matched) }
      let points = own.map { (x: Double($0.price.applications), y: $0.losses.mean) }.sorted { $0.x < $1.x }
      return Chart.Series(name: name, points: points, hasMarks: true)
    }
    let all = [series("equal steps", [.steps, .both]), series("equal compute", [.compute, .both])]
    guard all.allSatisfy({ $0.points.count > 1 }) else { return nil }
    return Chart(
      title: "One layer applied again: held-out loss, means over seeds", xLabel: "applications of the layer",
      yLabel: "nats per masked token", series: all)
  }
}
