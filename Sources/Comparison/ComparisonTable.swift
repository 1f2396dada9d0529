import Foundation

/// The rows of a comparison as a table that lines up.
public enum ComparisonTable {
  public static func text(_ rows: [ComparisonRow], depthName: String) -> String {
    let header = [
      depthName, "gradient mode", "planned", "measured", "residuals", "full/this", "step", "GFLOP", "recomputed",
      "loss", "cosine", "norm ratio",
    ]
    let cells = rows.map { row in
      [
        "\(row.depth)", row.mode, megabytes(row.plannedBytes),
        row.measuredBytes == 0 ? "-" : megabytes(row.measuredBytes),
        megabytes(row.residualBytes), ratio(row, rows), seconds(row.secondsPerStep),
        String(format: "%.3g", Double(row.flops) / 1e9), String(format: "%.0f %%", row.recomputeShare * 100),
        String(format: "%.4f", row.loss), fidelity(row.gradientCosine), fidelity(row.gradientNormRatio),
      ]
    }
    return aligned([header] + cells, leftColumns: [1])
  }

  /// How many times more full back-propagation needs at the same depth.
  private static func ratio(_ row: ComparisonRow, _ rows: [ComparisonRow]) -> String {
    guard let full = rows.first(where: { $0.depth == row.depth && $0.mode == "full" }) else { return "-" }
    return String(format: "%.1fx", Double(full.plannedBytes) / Double(row.plannedBytes))
  }

  private static func fidelity(_ value: Double) -> String { value == 1 ? "1 (exact)" : String(format: "%.4f", value) }

  /// Bytes in the unit that shows them best.
  public static func megabytes(_ byteCount: Int) -> String {
    switch byteCount {
    case 1_000_000_000...: String(format: "%.2f GB", Double(byteCount) / 1e9)
    case 100_000...: String(format: "%.1f MB", Double(byteCount) / 1e6)
    case 1_000...: String(format: "%.1f kB", Double(byteCount) / 1e3)
    default: "\(byteCount) B"
    }
  }

  public static func seconds(_ seconds: Double) -> String {
    switch seconds {
    case 1...: String(format: "%.2f s", seconds)
    case 1e-3...: String(format: "%.1f ms", seconds * 1e3)
    default: String(format: "%.1f us", seconds * 1e6)
    }
  }

  /// Rows of cells, padded to columns; the first row is underlined.
  public static func aligned(_ rows: [[String]], leftColumns: Set<Int>) -> String {
    guard let header = rows.first else { return "" }
    let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      zip(cells, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return leftColumns.contains(column) ? cell.0 + padding : padding + cell.0
      }.joined(separator: "  ")
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
    return ([line(header), rule] + rows.dropFirst().map(line)).joined(separator: "\n")
  }
}
