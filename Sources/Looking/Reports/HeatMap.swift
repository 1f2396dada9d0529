import Foundation
import StandardStreams

/// Tables of numbers as fields of color, side by side, drawn by gnuplot: white for the least, blue for the most.
public struct HeatMap: Sendable {
  /// One table.
  public struct Panel: Sendable {
    public var title: String
    /// Row by row, from the top; not-a-number has no color.
    public var values: [[Double]]

    public init(title: String, values: [[Double]]) { (self.title, self.values) = (title, values) }
  }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var columns: [String]
  public var rows: [String]
  public var panels: [Panel]
  /// What white and blue stand for.
  public var range: ClosedRange<Double>
  /// Panels side by side; as many as are, up to four, without.
  public var panelsPerLine: Int?

  public init(
    title: String, xLabel: String, yLabel: String, columns: [String], rows: [String], panels: [Panel],
    range: ClosedRange<Double> = 0...1, panelsPerLine: Int? = nil
  ) {
    (self.title, self.xLabel, self.yLabel, self.columns, self.rows) = (title, xLabel, yLabel, columns, rows)
    (self.panels, self.range, self.panelsPerLine) = (panels, range, panelsPerLine)
  }

  /// Draws the map into a file; `.svg` or `.png` by its name.
  ///
  /// - Throws: `ChartError`; a picture that was there stays.
  public func write(to path: String) throws { try Chart.draw(script(path), to: path) }

  private func script(_ path: String) -> String {
    let across = max(1, min(panelsPerLine ?? 4, panels.count))
    let down = max(1, (panels.count + across - 1) / across)
    let (width, height) = (90 + across * panelSide(columns.count), 60 + down * (panelSide(rows.count) + 75))
    let (left, right) = (60 / Double(width), 1 - 80 / Double(width))
    let (bottom, top) = (55 / Double(height), 1 - 75 / Double(height))
    var lines = [
      "set terminal \(Chart.terminal(path, width: width, height: height))",
      "set multiplot layout \(down),\(across) title \(Quoting.gnuplot(title)) noenhanced "
        + "margins \(left),\(right),\(bottom),\(top) spacing \(30 / Double(width)),\(95 / Double(height))",
      "set palette defined (0 '#ffffff', 0.5 '#60a5fa', 1 '#1e3a8a')",
      "set cbrange [\(range.lowerBound):\(range.upperBound > range.lowerBound ? range.upperBound : range.lowerBound + 1)]",
      "set colorbox user origin \(1 - 62 / Double(width)),\(bottom) size \(14 / Double(width)),\(top - bottom)",
      "set border lc rgb '#94a3b8'", "set tics nomirror scale 0", "unset key",
      "set xtics noenhanced (\(BarChart.tics(columns)))", "set ytics noenhanced (\(BarChart.tics(rows)))",
      "set xrange [-0.5:\(Double(max(columns.count, 1)) - 0.5)]",
      "set yrange [\(Double(max(rows.count, 1)) - 0.5):-0.5]",
    ]
    for (number, panel) in panels.enumerated() {
      lines += [
        "set title \(Quoting.gnuplot(panel.title)) noenhanced",
        "set xlabel \(Quoting.gnuplot(number / across == down - 1 ? xLabel : "")) noenhanced",
        "set ylabel \(Quoting.gnuplot(number % across == 0 ? yLabel : "")) noenhanced",
        "$panel\(number) << END",
      ]
      let cells = cells(panel)
      lines += cells + ["END"]
      // Boxes, since gnuplot draws no image of fewer than four points.
      let boxes = "using 1:2:(0.5):(0.5):3 with boxxyerror lc palette fs solid noborder"
      lines.append(cells.isEmpty ? "plot -1 notitle" : "plot $panel\(number) \(boxes)")
      // One scale serves all.
      lines.append("unset colorbox")
    }
    return (lines + ["unset multiplot"]).joined(separator: "\n") + "\n"
  }

  /// Column, row and number of each that has a color.
  private func cells(_ panel: Panel) -> [String] {
    zip(rows.indices, panel.values).flatMap { row, values in
      zip(columns.indices, values).filter { $0.1.isFinite }.map { "\($0.0) \(row) \($0.1)" }
    }
  }

  /// Of a panel, in units of the picture.
  private func panelSide(_ count: Int) -> Int { min(max(count * 18, 150), 600) }
}
