import Foundation
import Recurve
import StandardStreams

/// Times of all systems in units of the fastest peer's, as bars.
struct ComparisonChart {
  let result: PeerComparison

  private static let ourColors = ["recurve": "#dc2626", "recurve-openblas": "#f59e0b"]
  private static let peerColors = [
    "#1e3a8a", "#2563eb", "#60a5fa", "#0f766e", "#14b8a6", "#475569", "#94a3b8", "#a78bfa",
  ]

  /// Whether there is no bar to draw: none of the peers has a time.
  var isEmpty: Bool { groups.isEmpty }
  static let emptyText = "no picture: no peer has a time, which is the unit of all bars"

  /// Draws the bars, of which there is one at least; `.svg` or `.png` by the file's name.
  func write(to path: String) throws { try Chart.draw(script(path), to: path) }

  private struct Group {
    var title: String
    var ratios: [String: Double]
  }

  private var groups: [Group] {
    result.configurations.flatMap { configuration in
      configuration.times.compactMap { time in
        let ratios = result.systems(configuration).map { ($0, result.ratio(time.key, configuration, $0)) }
        let known = Dictionary(uniqueKeysWithValues: ratios.compactMap { pair in pair.1.map { (pair.0, $0) } })
        return known.isEmpty ? nil : Group(title: time.title, ratios: known)
      }
    }
  }

  /// Those that have a bar, ours first.
  private func systems(_ groups: [Group]) -> [String] {
    let names = Set(groups.flatMap(\.ratios.keys))
    return names.sorted { (PeerComparison.isOurs($0) ? 0 : 1, $0) < (PeerComparison.isOurs($1) ? 0 : 1, $1) }
  }

  /// A ratio where the picture ends; longer bars are cut and carry their number.
  private static let highest = 3.0

  private var title: String {
    "Time in units of the fastest peer's: \(result.processor), \(result.threads) threads"
  }

  private func script(_ path: String) -> String {
    let groups = self.groups
    let systems = systems(groups)
    let (bars, tics) = Self.layout(groups, systems)
    let top = min(Self.highest, bars.map(\.ratio).max() ?? 1)
    var lines = [
      "set terminal \(Chart.terminal(path))", "set title \(Quoting.gnuplot(title)) noenhanced",
      "set style fill solid 1 noborder", "set boxwidth 0.9", "set yrange [0:\(top * 1.15)]",
      "set ylabel \"times the fastest peer\"", "set grid ytics lc rgb '#e2e8f0' lw 1",
      "set border 3 lc rgb '#94a3b8'", "set tics nomirror", "set key outside right top noenhanced",
      "set xtics rotate by -25 noenhanced textcolor rgb '#0f172a' (\(tics))",
      "set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#0f172a' lw 1.5 front",
    ]
    for (number, system) in systems.enumerated() {
      lines += ["$bars\(number) << END"] + bars.filter { $0.system == system }.map(\.line) + ["END"]
    }
    let plots = systems.enumerated().flatMap { index, system in
      [
        "$bars\(index) using 1:2 with boxes title \(Quoting.gnuplot(system)) lc rgb '\(color(system, index))'",
        "$bars\(index) using 1:2:3 with labels rotate by 90 left offset 0,0.3 font ',8' notitle",
      ]
    }
    lines.append("plot " + plots.joined(separator: ", "))
    return lines.joined(separator: "\n") + "\n"
  }

  private struct Bar {
    var system: String
    var x: Int
    var ratio: Double
    var line: String { "\(x) \(min(ratio, ComparisonChart.highest)) \"\(String(format: "%.2f", ratio))\"" }
  }

  /// Bars side by side, two places free between groups, whose names stand under their middle.
  private static func layout(_ groups: [Group], _ systems: [String]) -> (bars: [Bar], tics: String) {
    var (bars, tics, x): ([Bar], [String], Int) = ([], [], 0)
    for group in groups {
      let present = systems.filter { group.ratios[$0] != nil }
      tics.append("\(Quoting.gnuplot(group.title)) \(Double(x) + Double(present.count - 1) / 2)")
      for system in present {
        bars.append(Bar(system: system, x: x, ratio: group.ratios[system] ?? 0))
        x += 1
      }
      x += 2
    }
    return (bars, tics.joined(separator: ", "))
  }

  private func color(_ system: String, _ index: Int) -> String {
    Self.ourColors[system] ?? Self.peerColors[index % Self.peerColors.count]
  }
}
