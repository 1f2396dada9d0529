import Foundation
import TensorTypes

/// The numbers of a training run, one JSON object per line and step.
public final class TrainingLog {
  /// Loss and scalar metrics of one step.
  public struct Entry: Codable, Sendable {
    public var step: Int
    public var loss: Double
    public var metrics: [String: Double]

    /// `loss 1.234  cell_accuracy 56.7 %`.
    public var text: String {
      let parts = metrics.keys.sorted().map { name in
        String(format: "%@ %.1f %%", name.replacingOccurrences(of: "_", with: " "), (metrics[name] ?? 0) * 100)
      }
      return ([String(format: "loss %.4f", loss)] + parts).joined(separator: "  ")
    }
  }

  public private(set) var entries: [Entry] = []
  private let file: FileHandle

  /// Opens a log; entries up to the given step are kept, later ones dropped, so that a resumed run writes them again.
  public init(path: String, keepsUntil step: Int) throws {
    if step > 0, let text = try? String(contentsOfFile: path, encoding: .utf8) {
      entries = text.split(separator: "\n").compactMap { line in
        try? JSONDecoder().decode(Entry.self, from: Data(line.utf8))
      }.filter { $0.step <= step }
    }
    let kept = try entries.map { try Self.line($0) }.joined()
    try kept.write(toFile: path, atomically: true, encoding: .utf8)
    guard let file = FileHandle(forWritingAtPath: path) else {
      throw ChartError(path: path, problem: "cannot be opened for writing")
    }
    self.file = file
    try file.seekToEnd()
  }

  /// Adds the scalars of a step's results.
  @discardableResult
  public func append(_ step: Int, _ results: [String: HostTensor]) throws -> Entry {
    let scalars = results.filter { $0.value.shape.rank == 0 }.mapValues { $0.doubles[0] }
    let entry = Entry(step: step, loss: scalars["loss"] ?? .nan, metrics: scalars.filter { $0.key != "loss" })
    entries.append(entry)
    file.write(Data(try Self.line(entry).utf8))
    return entry
  }

  /// Means over a window of a thirtieth of the run.
  public var smoothed: [Entry] {
    let window = max(1, entries.count / 30)
    return entries.indices.map { index in
      let range = entries[max(0, index - window + 1)...index]
      let count = Double(range.count)
      let metrics = Dictionary(
        uniqueKeysWithValues: entries[index].metrics.keys.map { name in
          (name, range.reduce(0) { $0 + ($1.metrics[name] ?? 0) } / count)
        })
      return Entry(step: entries[index].step, loss: range.reduce(0) { $0 + $1.loss } / count, metrics: metrics)
    }
  }

  /// The loss on the left axis, the metrics, which are shares, on the right one.
  public func chart(title: String) -> [(chart: Chart, name: String)] {
    let smooth = smoothed
    var series = [Chart.Series(name: "loss", points: smooth.map { (Double($0.step), $0.loss) })]
    for name in entries.first?.metrics.keys.sorted() ?? [] {
      series.append(
        Chart.Series(
          name: name.replacingOccurrences(of: "_", with: " "),
          points: smooth.map { (Double($0.step), $0.metrics[name] ?? 0) }, axis: 2))
    }
    let chart = Chart(
      title: title, xLabel: "step", yLabel: "loss", y2Label: series.count > 1 ? "share" : nil, series: series)
    return [(chart, "curve")]
  }

  private static func line(_ entry: Entry) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(entry), as: UTF8.self) + "\n"
  }
}
