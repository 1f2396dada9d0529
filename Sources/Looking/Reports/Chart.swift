import Files
import Foundation
import StandardStreams

/// Curves as pictures, drawn by gnuplot.
public struct Chart: Sendable {
  /// One curve; the axis is 1 for the left, 2 for the right.
  public struct Series: Sendable {
    public var name: String
    public var points: [(x: Double, y: Double)]
    public var axis: Int
    public var hasMarks: Bool
    /// Number of the color; the series' own place without it.
    public var color: Int?
    /// 1 for a whole line, 2 and more for kinds of dashes.
    public var dash = 1

    public init(name: String, points: [(x: Double, y: Double)], axis: Int = 1, hasMarks: Bool = false) {
      self.name = name
      self.points = points
      self.axis = axis
      self.hasMarks = hasMarks
    }
  }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var y2Label: String?
  /// Whether both axes grow by factors of two; points that are not above 0 are not drawn then.
  public var isLogarithmic: Bool
  public var series: [Series]

  public init(
    title: String, xLabel: String, yLabel: String, y2Label: String? = nil, isLogarithmic: Bool = false,
    series: [Series]
  ) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.y2Label = y2Label
    self.isLogarithmic = isLogarithmic
    self.series = series
  }

  static let colors = ["#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#475569"]

  /// Draws the chart into a file; `.svg` or `.png` by its name.
  public func write(to path: String) throws { try Self.draw(script(path), to: path) }

  /// Lets gnuplot run a script that draws to its standard output, and writes the picture once it is whole.
  ///
  /// The script names no file, and every text in it is quoted by `Quoting.gnuplot`; the user's start-up file is not read.
  ///
  /// - Throws: `ChartError`; a picture that was there stays.
  public static func draw(_ script: String, to path: String) throws {
    do {
      let picture = try ExternalTool("gnuplot", package: "gnuplot-nox").run(["-d"], input: Data(script.utf8))
      try OutputFile.write(picture, to: path)
    } catch let error as ExternalToolError {
      throw ChartError(path: path, problem: error.description)
    } catch let error as OutputFileError {
      throw ChartError(path: path, problem: error.problem)
    }
  }

  /// The gnuplot terminal for a file, by its name.
  ///
  /// - Parameters:
  ///   - width: of an SVG; a PNG is a third larger.
  public static func terminal(_ path: String, width: Int = 900, height: Int = 480) -> String {
    path.lowercased().hasSuffix(".png")
      ? "pngcairo size \(width * 4 / 3),\(height * 4 / 3) font 'DejaVu Sans,12'"
      : "svg size \(width),\(height) dynamic font 'DejaVu Sans,13' background '#ffffff'"
  }

  private func script(_ path: String) -> String {
    var lines = [
      "set terminal \(Self.terminal(path))", "set title \(Quoting.gnuplot(title)) noenhanced",
      "set xlabel \(Quoting.gnuplot(xLabel)) noenhanced", "set ylabel \(Quoting.gnuplot(yLabel)) noenhanced",
      "set grid lc rgb '#e2e8f0' lw 1", "set border 3 lc rgb '#94a3b8'",
      "set tics nomirror", "set key outside right top noenhanced",
    ]
    if isLogarithmic { lines += ["set logscale xy 2", "set format y '%g'"] }
    if let y2Label {
      lines += [
        "set y2label \(Quoting.gnuplot(y2Label)) noenhanced", "set y2tics", "set y2range [0:1]", "set border 11",
      ]
    }
    // Where there is nothing to see, gnuplot finds no range.
    let (seen, range) = (series.filter { $0.points.contains(where: isSeen) }, isLogarithmic ? "[1:2]" : "[0:1]")
    if seen.isEmpty { lines += ["set xrange \(range)"] }
    if seen.allSatisfy({ $0.axis == 2 }) { lines += ["set yrange \(range)"] }
    let plots = series.indices.map { index in
      let style = series[index].hasMarks ? "linespoints pt 7 ps 0.8" : "lines"
      // Where there are more curves than colors, those of one color are dashed each in its own way.
      let color = series[index].color ?? index
      let dash = series[index].dash + color / Self.colors.count
      return "'-' using 1:2 axes x1y\(series[index].axis) with \(style) lw 2 "
        + "dt \(dash) lc rgb '\(Self.colors[color % Self.colors.count])' title \(Quoting.gnuplot(series[index].name))"
    }
    lines.append("plot " + plots.joined(separator: ", "))
    for curve in series {
      lines += curve.points.map { "\($0.x) \($0.y)" }
      lines.append("e")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Whether a point has a place on the axes.
  private func isSeen(_ point: (x: Double, y: Double)) -> Bool {
    [point.x, point.y].allSatisfy { $0.isFinite && (!isLogarithmic || $0 > 0) }
  }
}

/// Why a chart could not be drawn.
public struct ChartError: Error, CustomStringConvertible {
  public var path: String
  public var problem: String

  public var description: String { "cannot draw \(path): \(problem)" }
}
