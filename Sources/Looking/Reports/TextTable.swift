import Foundation
import StandardStreams

/// Tables of text that line up, and numbers as they are written in them.
public enum TextTable {
  /// Bytes in the unit that shows them best.
  public static func bytes(_ byteCount: Int) -> String {
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

  /// Rows of cells, padded to columns; the first row is underlined. A cell is a name: one line, and no longer than that.
  public static func aligned(_ rows: [[String]], leftColumns: Set<Int>) -> String {
    let rows = rows.map { $0.map { Quoting.name($0) } }
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
