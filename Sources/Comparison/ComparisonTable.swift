import Foundation
import Reports

/// The rows of a comparison as a table that lines up.
public enum ComparisonTable {
  public static func text(_ rows: [ComparisonRow], depthName: String) -> String {
    let header = [
      depthName, "gradient mode", "planned", "measured", "residuals", "full/this", "step", "GFLOP", "recomputed",
      "loss", "cosine", "norm ratio",
    ]
    let cells = rows.map { row in
      [
        "\(row.depth)", row.mode, TextTable.bytes(row.plannedBytes),
        row.measuredBytes == 0 ? "-" : TextTable.bytes(row.measuredBytes),
        TextTable.bytes(row.residualBytes), ratio(row, rows), TextTable.seconds(row.secondsPerStep),
        String(format: "%.3g", Double(row.flops) / 1e9), String(format: "%.0f %%", row.recomputeShare * 100),
        String(format: "%.4f", row.loss), fidelity(row.gradientCosine), fidelity(row.gradientNormRatio),
      ]
    }
    return TextTable.aligned([header] + cells, leftColumns: [1])
  }

  /// How many times more full back-propagation needs at the same depth.
  private static func ratio(_ row: ComparisonRow, _ rows: [ComparisonRow]) -> String {
    guard let full = rows.first(where: { $0.depth == row.depth && $0.mode == "full" }) else { return "-" }
    return String(format: "%.1fx", Double(full.plannedBytes) / Double(row.plannedBytes))
  }

  private static func fidelity(_ value: Double) -> String { value == 1 ? "1 (exact)" : String(format: "%.4f", value) }
}
