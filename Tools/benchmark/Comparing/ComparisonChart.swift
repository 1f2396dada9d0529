import Foundation
import Recurve

/// Times of all systems in units of the fastest peer's, as bars.
struct ComparisonChart {
  let result: PeerComparison

  private static let ourColors = ["recurve": "#dc2626", "recurve-openblas": "#f59e0b"]
  private static let peerColors = [
    "#1e3a8a", "#2563eb", "#60a5fa", "#0f766e", "#14b8a6", "#475569", "#94a3b8", "#a78bfa",
  ]

  /// Draws the bars; `.svg` or `.png` by the file's name.
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

  private var systems: [String] {
    let names = Set(result.measurements.filter { $0.error == nil }.map(\.system))
    return names.sorted { (PeerComparison.isOurs($0) ? 0 : 1, $0) < (PeerComparison.isOurs($1) ? 0 : 1, $1) }
  }

  private func script(_ path: String) -> String {
    let (groups, systems) = (self.groups, self.systems)
    var lines = [
      "set terminal \(Chart.terminal(path))", "set output '\(path)'",
      "set title \"Time of a step in units of the fastest peer's (\(result.processor), \(result.threads) threads)\" noenhanced",
      "set style data histograms", "set style histogram clustered gap 1.5",
      "set style fill solid 1 noborder", "set boxwidth 0.9", "set logscale y 2", "set format y '%g'",
      "set ylabel \"times the fastest peer\"", "set grid ytics lc rgb '#e2e8f0' lw 1",
      "set border 3 lc rgb '#94a3b8'", "set tics nomirror", "set xtics rotate by -30 noenhanced",
      "set key outside right top noenhanced",
      "set arrow from graph 0, first 1 to graph 1, first 1 nohead lc rgb '#0f172a' lw 1.5 front",
      "$times << END",
    ]
    for group in groups {
      let cells = systems.map { group.ratios[$0].map { "\($0)" } ?? "NaN" }
      lines.append("\"\(group.title)\" " + cells.joined(separator: " "))
    }
    lines.append("END")
    let plots = systems.enumerated().map { index, system in
      "$times using \(index + 2)\(index == 0 ? ":xtic(1)" : "") title \"\(system)\" lc rgb '\(color(system, index))'"
    }
    lines.append("plot " + plots.joined(separator: ", "))
    return lines.joined(separator: "\n") + "\n"
  }

  private func color(_ system: String, _ index: Int) -> String {
    Self.ourColors[system] ?? Self.peerColors[index % Self.peerColors.count]
  }
}
