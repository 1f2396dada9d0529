import Comparison
import Foundation
import Reports

extension Profile {
  /// The launches of each kernel as a table, the slowest first.
  ///
  /// - Parameter limit: rows to show; the others are one row together.
  public func table(limit: Int) -> String {
    let merged = mergedRows()
    let shown = merged.prefix(limit)
    var cells = shown.map(text)
    let rest = merged.dropFirst(limit)
    if !rest.isEmpty {
      let launches = rest.reduce(0) { $0 + $1.launches }
      let seconds = rest.reduce(0) { $0 + $1.seconds }
      cells.append([milliseconds(seconds), share(seconds), "\(launches)", "", "", "", "", "", "\(rest.count) others"])
    }
    let header = ["ms", "share", "launches", "GF/s", "of peak", "GB/s", "kind", "role", "step of the plan"]
    return TextTable.aligned([header] + cells, leftColumns: [6, 7, 8]) + "\n" + summary
  }

  /// What the rows add up to.
  public var summary: String {
    let flops = rows.reduce(0) { $0 + Double($1.flops) * Double($1.launches) }
    let launches = rows.reduce(0) { $0 + ($1.kernel >= 0 ? $1.launches : 0) }
    return String(
      format: """
        steps add up to %.2f ms; a run takes %.2f ms (ratio %.3f), %d launches, %.0f GF/s of %.0f, triad %.1f GB/s, \
        %d workers%@
        """, seconds * 1e3, secondsPerRun * 1e3, seconds / secondsPerRun, launches, flops / secondsPerRun / 1e9,
      ceilings.flopsPerSecond / 1e9, ceilings.bytesPerSecond / 1e9, ceilings.workerCount,
      doubt.map { "\nthese times cannot be relied on: \($0)" } ?? "")
  }

  /// Time by kind of step and role, the largest first.
  public func totals() -> [(name: String, seconds: Double)] {
    Dictionary(grouping: rows) { "\($0.kind) \($0.role)" }
      .map { (name: $0.key, seconds: $0.value.reduce(0) { $0 + $1.seconds }) }
      .sorted { ($1.seconds, $0.name) < ($0.seconds, $1.name) }
  }

  /// Launches of one kernel in one role together, the slowest first.
  private func mergedRows() -> [Row] {
    var merged: [String: Row] = [:]
    for row in rows where row.seconds > 0 {
      // One kernel touches as many bytes each time; copies do not.
      let key = row.kernel < 0 ? "\(row.kind)|\(row.label)|\(row.byteCount)" : "\(row.kernel)|\(row.role)"
      guard var known = merged[key] else {
        merged[key] = row
        continue
      }
      known.launches += row.launches
      known.seconds += row.seconds
      known.label = Self.common(known.label, row.label)
      if known.line != row.line { known.line = nil }
      merged[key] = known
    }
    return merged.values.sorted { ($1.seconds, $0.label) < ($0.seconds, $1.label) }
  }

  /// Two paths with a star where their parts differ.
  private static func common(_ a: String, _ b: String) -> String {
    let (first, second) = (a.split(separator: "/"), b.split(separator: "/"))
    guard a != b, first.count == second.count else { return a }
    return zip(first, second).map { $0 == $1 ? String($0) : "*" }.joined(separator: "/")
  }

  private func text(_ row: Row) -> [String] {
    let isProduct = row.kind == "product"
    return [
      milliseconds(row.seconds), share(row.seconds), "\(row.launches)",
      row.flops > 0 ? String(format: "%.1f", row.flopsPerSecond / 1e9) : "",
      isProduct ? String(format: "%.0f %%", 100 * row.flopsPerSecond / ceilings.flopsPerSecond) : "",
      row.byteCount > 0 ? String(format: "%.1f", row.bytesPerSecond / 1e9) : "", row.kind, row.role,
      row.label + (row.line.map { " (\($0))" } ?? ""),
    ]
  }

  private func milliseconds(_ seconds: Double) -> String { String(format: "%.3f", seconds * 1e3) }
  private func share(_ seconds: Double) -> String { String(format: "%.1f %%", 100 * seconds / self.seconds) }
}
