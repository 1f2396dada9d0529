import Foundation
import Reports

/// The curves of one or several runs.
public struct TrainingCurves: Sendable {
  /// A run by its name in legends.
  public struct Run: Sendable {
    public var name: String
    public var entries: [TrainingLog.Entry]

    public init(name: String, entries: [TrainingLog.Entry]) {
      self.name = name
      self.entries = entries
    }
  }

  public var runs: [Run]

  public init(_ runs: [Run]) { self.runs = runs }

  /// The loss and metrics called `loss.` and more on the left axis, the accuracies on the right one, validation beside
  /// training; the names of the runs before the curves' where there are several.
  public func chart(title: String) -> Chart {
    let series = runs.count == 1 ? curves(of: runs[0]) : overlaid
    return Chart(
      title: title, xLabel: "step", yLabel: "loss", y2Label: series.contains { $0.axis == 2 } ? "share" : nil,
      series: series)
  }

  /// A color per run, a dash per kind of curve.
  private var overlaid: [Chart.Series] {
    let all = runs.map { curves(of: $0) }
    let kinds = all.joined().map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return zip(runs, all).enumerated().flatMap { number, pair in
      pair.1.map { curve in
        var own = curve
        own.name = "\(pair.0.name): \(curve.name)"
        own.color = number
        own.dash = (kinds.firstIndex(of: curve.name) ?? 0) + 1
        return own
      }
    }
  }

  private func curves(of run: Run) -> [Chart.Series] {
    let smooth = Self.smoothed(run.entries)
    func curve(_ name: String, _ axis: Int, _ value: (TrainingLog.Entry) -> Double?) -> Chart.Series {
      let points = smooth.compactMap { entry in value(entry).map { (x: Double(entry.step), y: $0) } }
      return Chart.Series(name: name.replacingOccurrences(of: "_", with: " "), points: points, axis: axis)
    }
    func names(
      _ metrics: (TrainingLog.Entry) -> [String: Double]?, _ isPicked: (String) -> Bool = TrainingLog.Entry.isShare
    ) -> [String] { Set(smooth.flatMap { (metrics($0) ?? [:]).keys }).filter(isPicked).sorted() }
    var all = [curve("loss", 1) { $0.loss }, curve("validation loss", 1) { $0.validation?["loss"] }]
    all += names(\.metrics, TrainingLog.Entry.isLoss).map { name in curve(name, 1) { $0.metrics[name] } }
    all += names(\.validation, TrainingLog.Entry.isLoss).map { name in
      curve("validation \(name)", 1) { $0.validation?[name] }
    }
    all += names(\.metrics).map { name in curve(name, 2) { $0.metrics[name] } }
    all += names(\.validation).map { name in curve("validation \(name)", 2) { $0.validation?[name] } }
    return all.filter { !$0.points.isEmpty }.map { series in
      var marked = series
      marked.hasMarks = series.points.count < 3 || series.name.hasPrefix("validation")
      return marked
    }
  }

  /// Means over a window of a thirtieth of the run, metrics weighted by what they are over; validation stays as it is.
  public static func smoothed(_ entries: [TrainingLog.Entry]) -> [TrainingLog.Entry] {
    var window = SlidingSums(length: max(1, entries.count / 30))
    return entries.map { entry in
      window.append(EntrySums(entry))
      var mean = window.sums.mean(step: entry.step)
      mean.validation = entry.validation
      return mean
    }
  }

  /// Means over entries, under the last one's step.
  public static func mean(_ entries: some Collection<TrainingLog.Entry>) -> TrainingLog.Entry {
    let sums = entries.reduce(EntrySums()) { $0 + EntrySums($1) }
    return sums.mean(step: entries.reduce(0) { max($0, $1.step) })
  }
}
