import Foundation
import Reports

extension ExperimentResult {
  /// What the terminal shows.
  public var text: String {
    var parts = ["\(name)  \(title): \(seeds.count) seeds, \(TextTable.seconds(seconds))", "promised: \(promise)"]
    parts += findings.tables.map { table in
      table.title + "\n" + TextTable.aligned([table.header] + table.rows, leftColumns: [0])
    }
    parts += findings.remarks
    parts.append(findings.checks.map { $0.text(withMark: true) }.joined(separator: "\n"))
    return parts.joined(separator: "\n\n")
  }
}

extension Findings.Check {
  /// The check as a line: what, found, needed.
  func text(withMark: Bool) -> String {
    let relation = isAtLeast ? "at least" : "at most"
    let mark = withMark ? (isPassed ? "pass  " : "FAIL  ") : ""
    return "\(mark)\(text): \(Self.number(found)), needs \(relation) \(Self.number(needed))"
  }

  static func number(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "none" : value > 0 ? "never" : "-never" }
    return value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : String(format: "%.4g", value)
  }
}
