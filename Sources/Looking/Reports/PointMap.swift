import Foundation
import StandardStreams

/// Named points in a plane as a picture, drawn by gnuplot.
public struct PointMap: Sendable {
  public struct Point: Sendable, Hashable {
    public var name: String
    public var x: Double
    public var y: Double
    /// Points of one group have one color.
    public var group: Int

    public init(name: String, x: Double, y: Double, group: Int = 0) {
      (self.name, self.x, self.y, self.group) = (name, x, y, group)
    }
  }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var points: [Point]

  public init(title: String, xLabel: String, yLabel: String, points: [Point]) {
    (self.title, self.xLabel, self.yLabel, self.points) = (title, xLabel, yLabel, points)
  }

  /// Draws the map into a file; `.svg` or `.png` by its name.
  ///
  /// - Throws: `ChartError`; a picture that was there stays.
  public func write(to path: String) throws { try Chart.draw(script(path), to: path) }

  private func script(_ path: String) -> String {
    var lines = [
      "set terminal \(Chart.terminal(path))", "set title \(Quoting.gnuplot(title)) noenhanced",
      "set xlabel \(Quoting.gnuplot(xLabel)) noenhanced", "set ylabel \(Quoting.gnuplot(yLabel)) noenhanced",
      "set grid lc rgb '#e2e8f0' lw 1", "set border 3 lc rgb '#94a3b8'", "set tics nomirror", "unset key",
      "set offsets graph 0.02, graph 0.1, graph 0.04, graph 0.04",
    ]
    lines += points.filter(\.isFinite).map { point in
      "set label \(Quoting.gnuplot(point.name)) at \(point.x),\(point.y) left offset character 0.6,0.2 noenhanced "
        + "tc rgb '\(Self.color(point))' font ',11'"
    }
    let groups = Dictionary(grouping: points.filter(\.isFinite), by: \.group).sorted { $0.key < $1.key }
    // Without any point there is nothing to plot but the axes.
    let plots = groups.map { "'-' using 1:2 with points pt 7 ps 0.5 lc rgb '\(Self.color($0.value[0]))'" }
    lines.append(plots.isEmpty ? "plot [0:1] [0:1] -1" : "plot " + plots.joined(separator: ", "))
    for group in groups { lines += group.value.map { "\($0.x) \($0.y)" } + ["e"] }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func color(_ point: Point) -> String {
    Chart.colors[abs(point.group % Chart.colors.count)]
  }
}

extension PointMap.Point {
  var isFinite: Bool { x.isFinite && y.isFinite }
}
