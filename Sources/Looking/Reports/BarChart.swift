import Foundation
import StandardStreams

/// Groups of bars as a picture, drawn by gnuplot.
public struct BarChart: Sendable {
  /// The bars of one color, one in each group; none where there is no number.
  public struct Series: Sendable {
    public var name: String
    public var values: [Double]

    public init(name: String, values: [Double]) { (self.name, self.values) = (name, values) }
  }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  /// Names of the groups, from left to right.
  public var groups: [String]
  public var series: [Series]

  public init(title: String, xLabel: String, yLabel: String, groups: [String], series: [Series]) {
    (self.title, self.xLabel, self.yLabel, self.groups, self.series) = (title, xLabel, yLabel, groups, series)
  }

  /// Draws the chart into a file; `.svg` or `.png` by its name.
  ///
  /// - Throws: `ChartError`; a picture that was there stays.
  public func write(to path: String) throws { try Chart.draw(script(path), to: path) }

  private func script(_ path: String) -> String {
    var lines = [
      "set terminal \(Chart.terminal(path))", "set title \(Quoting.gnuplot(title)) noenhanced",
      "set xlabel \(Quoting.gnuplot(xLabel)) noenhanced", "set ylabel \(Quoting.gnuplot(yLabel)) noenhanced",
      "set grid ytics lc rgb '#e2e8f0' lw 1", "set border 3 lc rgb '#94a3b8'", "set tics nomirror",
      "set key outside right top noenhanced", "set style fill solid 0.9 noborder",
      "set xrange [-0.5:\(Double(max(groups.count, 1)) - 0.5)]", "set xzeroaxis lt 1 lc rgb '#94a3b8'",
      "set xtics noenhanced (\(Self.tics(groups)))",
    ]
    // Bars grow from 0, whatever the smallest number is.
    let all = series.flatMap(\.values).filter(\.isFinite)
    let (least, most) = (min(all.min() ?? 0, 0), max(all.max() ?? 0, 0))
    lines.append("set yrange [\(least * 1.05):\(most > least ? most * 1.05 : 1)]")
    let width = 0.8 / Double(max(series.count, 1))
    for (number, bars) in series.enumerated() {
      let shift = (Double(number) - Double(series.count - 1) / 2) * width
      let rows = zip(groups.indices, bars.values).filter { $0.1.isFinite }
      lines += ["$bars\(number) << END"] + rows.map { "\(Double($0.0) + shift) \($0.1)" } + ["END"]
    }
    let plots = series.enumerated().map { number, bars in
      "$bars\(number) using 1:2:(\(width * 0.95)) with boxes lc rgb '\(Chart.colors[number % Chart.colors.count])' "
        + "title \(Quoting.gnuplot(bars.name))"
    }
    lines.append("plot " + (plots.isEmpty ? "-1 notitle" : plots.joined(separator: ", ")))
    return lines.joined(separator: "\n") + "\n"
  }

  /// Names at whole numbers from 0 on.
  static func tics(_ names: [String]) -> String {
    names.enumerated().map { "\(Quoting.gnuplot($0.element)) \($0.offset)" }.joined(separator: ", ")
  }
}
