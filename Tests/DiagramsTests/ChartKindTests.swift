import Foundation
import Reports
import TestSupport
import Testing

/// Bars and fields of color as pictures, whatever their names and numbers are.
@Suite struct ChartKindTests {
  private func picture(_ write: (String) throws -> Void) throws -> String {
    try withTemporaryFolder { folder in
      try write(folder + "/picture.svg")
      return try String(contentsOfFile: folder + "/picture.svg", encoding: .utf8)
    }
  }

  private func bars(_ groups: [String], _ series: [BarChart.Series]) throws -> String {
    let chart = BarChart(title: "of 5+6", xLabel: "digits", yLabel: "share", groups: groups, series: series)
    return try picture { try chart.write(to: $0) }
  }

  @Test func barsHaveTheirNamesAndColors() throws {
    let drawn = try bars(
      ["one", "two"], [.init(name: "sums", values: [1, 0.5]), .init(name: "products", values: [.nan, -0.25])])
    for name in ["of 5+6", "one", "two", "sums", "products"] { #expect(drawn.contains(">\(name)<"), "\(name)") }
    #expect(drawn.contains("rgb( 37,  99, 235)") && drawn.contains("rgb(220,  38,  38)"))
  }

  @Test func picturesAreWhatTheirNamesSay() {
    for name in ["a.png", "A.PNG"] { #expect(Chart.terminal(name).hasPrefix("pngcairo ")) }
    for name in ["a.svg", "A.SVG"] { #expect(Chart.terminal(name).hasPrefix("svg ")) }
  }

  /// Seven curves have six colors: the seventh is dashed.
  @Test func curvesDifferInColorOrDashes() throws {
    let points = [(x: 0.0, y: 0.0), (x: 1.0, y: 1.0)]
    func dashes(_ count: Int, named: Bool = false) throws -> Int {
      let series = (0..<count).map { number in
        var series = Chart.Series(name: "\(number)", points: points)
        if named { series.color = number }
        return series
      }
      let chart = Chart(title: "t", xLabel: "x", yLabel: "y", series: series)
      return try picture { try chart.write(to: $0) }.matches(of: #/stroke-dasharray='/#).count
    }
    #expect(try dashes(7) > dashes(6))
    #expect(try dashes(7, named: true) > dashes(6, named: true))
  }

  /// Curves of runs that all diverged have no points.
  @Test func curvesWithoutPointsAreDrawn() throws {
    for axis in [1, 2] {
      let chart = Chart(
        title: "t", xLabel: "x", yLabel: "y", y2Label: axis == 2 ? "z" : nil,
        series: [Chart.Series(name: "none", points: [], axis: axis)])
      #expect(try picture { try chart.write(to: $0) }.contains(">none<"))
    }
  }

  /// Zeros have no place on a logarithmic axis.
  @Test func logarithmicCurvesOfZerosAreDrawn() throws {
    let zeros = Chart.Series(name: "zeros", points: [(x: 1, y: 0), (x: 2, y: 0)], hasMarks: true)
    let others = Chart.Series(name: "others", points: [(x: 1, y: 3), (x: 2, y: 0)])
    for series in [[zeros], [zeros, others]] {
      let chart = Chart(title: "t", xLabel: "x", yLabel: "y", isLogarithmic: true, series: series)
      #expect(try picture { try chart.write(to: $0) }.contains(">zeros<"))
    }
  }

  @Test func anyBarsAreDrawn() throws {
    #expect(try bars([], []).contains("</svg>"))
    #expect(try bars(["'; system('false')", "<b>"], [.init(name: "@_^{", values: [0, 0])]).contains("&lt;b"))
    #expect(try bars(["a"], [.init(name: "wrong", values: [.infinity, 3])]).contains("</svg>"))
  }

  @Test func fieldsHaveAColorForEachNumber() throws {
    let values = [[1, Double.nan], [0.5, 0]]
    let map = HeatMap(
      title: "5+6=", xLabel: "looks at", yLabel: "token", columns: ["a", "b"], rows: ["c", "d"],
      panels: [.init(title: "head 0", values: values), .init(title: "head 1", values: values)])
    let drawn = try picture { try map.write(to: $0) }
    for name in ["5+6=", "looks at", "token", "a", "b", "c", "d", "head 0", "head 1"] {
      #expect(drawn.contains(">\(name)<"), "\(name)")
    }
    #expect(drawn.contains("rgb( 30,  58, 138)") && drawn.contains("rgb( 96, 165, 250)"))
  }

  @Test func smallFieldsAreDrawn() throws {
    for (columns, rows) in [(3, 1), (1, 1), (0, 0)] {
      let map = HeatMap(
        title: "", xLabel: "", yLabel: "", columns: (0..<columns).map { "c\($0)" }, rows: (0..<rows).map { "r\($0)" },
        panels: [.init(title: "p", values: Array(repeating: Array(repeating: 1, count: columns), count: rows))],
        range: columns == 1 ? 0...0 : 0...1)
      let drawn = try picture { try map.write(to: $0) }
      #expect(drawn.contains(">p<") && (columns == 0 || drawn.contains("rgb( 30,  58, 138)")), "\(columns)x\(rows)")
    }
  }

  @Test func anyFieldsAreDrawn() throws {
    let names = ["\"", "'; system('false')", "<b>"]
    let map = HeatMap(
      title: "", xLabel: "", yLabel: "", columns: names, rows: names,
      panels: (0..<5).map { .init(title: "\($0)", values: [[.infinity, -7, 1e300]]) })
    let drawn = try picture { try map.write(to: $0) }
    #expect(drawn.contains("&lt;b") && !drawn.contains("<b>"))
  }
}
