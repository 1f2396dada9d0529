import Foundation
import Reports

/// The rows of a comparison as a table that lines up.
public enum ComparisonTable {
  public static func text(_ rows: [ComparisonRow], depthName: String) -> String {
    // What an engine says that plans by itself stands beside the plan.
    let own = rows.first { $0.engineTemporaryBytes != nil }.map { ["on \($0.engine)"] } ?? []
    let header =
      [depthName, "gradient mode", "planned"] + own + [
        "highest", "written", "resident", "residuals", "full/this", "step", "GFLOP", "recomputed", "loss", "cosine",
        "norm ratio",
      ]
    let table = TextTable.aligned([header] + rows.map { cells($0, rows) }, leftColumns: [1])
    return ([table] + rows.flatMap(\.notes)).joined(separator: "\n")
  }

  private static func cells(_ row: ComparisonRow, _ rows: [ComparisonRow]) -> [String] {
    let own = row.engineTemporaryBytes.map { [TextTable.bytes($0)] } ?? []
    return ["\(row.depth)", row.mode, TextTable.bytes(row.plannedBytes)] + own + [
      measured(row.highestBytes), row.written,
      measured(row.residentGrowthBytes), TextTable.bytes(row.residualBytes), ratio(row, rows), row.step,
      String(format: "%.3g", Double(row.flops) / 1e9), String(format: "%.0f %%", row.recomputeShare * 100),
      String(format: "%.4f", row.loss), fidelity(row.gradientCosine), fidelity(row.gradientNormRatio),
    ]
  }

  private static func measured(_ byteCount: Int) -> String { byteCount == 0 ? "-" : TextTable.bytes(byteCount) }

  /// How many times more full back-propagation needs at the same depth.
  private static func ratio(_ row: ComparisonRow, _ rows: [ComparisonRow]) -> String {
    guard let full = rows.first(where: { $0.depth == row.depth && $0.mode == "full" }) else { return "-" }
    return String(format: "%.1fx", Double(full.plannedBytes) / Double(row.plannedBytes))
  }

  private static func fidelity(_ value: Double) -> String { value == 1 ? "1 (exact)" : String(format: "%.4f", value) }
}

extension ComparisonRow {
  /// The time of a step, with a mark if it cannot be relied on.
  fileprivate var step: String { TextTable.seconds(secondsPerStep) + (timeDoubt == nil ? "" : " ?") }

  /// What does not fit into the columns.
  fileprivate var notes: [String] {
    [verificationNote, coverageNote, timeDoubt.map { "\(step): \($0)" }].compactMap { note in
      note.map { "\(depth) \(mode): \($0)" }
    }
  }

  /// Bytes, and how many of the planned ones they are unless it is all.
  fileprivate var written: String {
    if writtenBytes == 0 { return "-" }
    let share = 100 * Double(writtenBytes) / Double(plannedBytes)
    // Never rounded up to all.
    let percent = min(share, 99.99)
    return TextTable.bytes(writtenBytes) + (writtenBytes < plannedBytes ? String(format: ", %.2f %%", percent) : "")
  }

  fileprivate var verificationNote: String? {
    verification.map {
      "watched \($0.steps) steps, \($0.comparisons) uses of values and \($0.redZones) red zones without a fault, with "
        + "\(TextTable.bytes($0.extraByteCount)) more memory"
    }
  }

  /// Which buffers a run writes in part, those of one name together, the least written first.
  fileprivate var coverageNote: String? {
    guard let partlyWritten else { return highestBytes == 0 ? nil : "too little memory to look at each buffer" }
    if partlyWritten.isEmpty { return nil }
    let names = Dictionary(grouping: partlyWritten, by: \.name).map { name, buffers in
      (name: name, count: buffers.count, share: buffers.map { Double($0.writtenBytes) / Double($0.bytes) }.min() ?? 1)
    }
    let shown = names.sorted { ($0.share, $0.name) < ($1.share, $1.name) }.prefix(3).map { group in
      String(format: "%d x %@, at least %.1f %%", group.count, group.name, 100 * group.share)
    }
    return "written in part: " + shown.joined(separator: "; ") + (names.count > 3 ? "; ..." : "")
  }
}
