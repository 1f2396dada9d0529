import Foundation
import Reports

/// The rows of a comparison as a table that lines up.
public enum ComparisonTable {
  public static func text(_ rows: [ComparisonRow], depthName: String) -> String {
    let header = [
      depthName, "gradient mode", "planned", "highest", "written", "resident", "residuals", "full/this", "step",
      "GFLOP",
      "recomputed", "loss", "cosine", "norm ratio",
    ]
    let cells = rows.map { row in
      [
        "\(row.depth)", row.mode, TextTable.bytes(row.plannedBytes),
        measured(row.highestBytes), measured(row.writtenBytes), measured(row.residentGrowthBytes),
        TextTable.bytes(row.residualBytes), ratio(row, rows),
        TextTable.seconds(row.secondsPerStep) + (row.timeDoubt == nil ? "" : " ?"),
        String(format: "%.3g", Double(row.flops) / 1e9), String(format: "%.0f %%", row.recomputeShare * 100),
        String(format: "%.4f", row.loss), fidelity(row.gradientCosine), fidelity(row.gradientNormRatio),
      ]
    }
    let notes = rows.flatMap { row in
      [
        row.verificationNote, row.coverageNote,
        row.timeDoubt.map { "\(TextTable.seconds(row.secondsPerStep)) ?: \($0)" },
      ].compactMap { note in
        note.map { "\(row.depth) \(row.mode): \($0)" }
      }
    }
    return ([TextTable.aligned([header] + cells, leftColumns: [1])] + notes).joined(separator: "\n")
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
  fileprivate var verificationNote: String? {
    verification.map {
      "watched \($0.steps) steps, \($0.comparisons) uses of values and \($0.redZones) red zones without a fault, with "
        + "\(TextTable.bytes($0.extraByteCount)) more memory"
    }
  }

  /// Which buffers a run writes in part, the least written first.
  fileprivate var coverageNote: String? {
    guard let partlyWritten, !partlyWritten.isEmpty else { return nil }
    func share(_ buffer: BufferCoverage) -> Double { Double(buffer.writtenBytes) / Double(buffer.bytes) }
    let shown = partlyWritten.sorted { (share($0), $0.name) < (share($1), $1.name) }.prefix(3).map { buffer in
      String(format: "%.1f %% of %@ in %@", 100 * share(buffer), TextTable.bytes(buffer.bytes), buffer.name)
    }
    let count = partlyWritten.count == 1 ? "1 buffer is" : "\(partlyWritten.count) buffers are"
    return "\(count) written in part: \(shown.joined(separator: ", "))" + (partlyWritten.count > 3 ? ", ..." : "")
  }
}
