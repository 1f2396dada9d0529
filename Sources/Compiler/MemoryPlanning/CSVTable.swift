/// What is wrong with a line of a CSV text.
public struct CSVError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Counts from one; the column names are line 1.
  public var line: Int

  /// What was needed and what was found.
  public var message: String

  public var description: String { "line \(line): \(message)" }
}

/// The lines of a CSV text, split into fields.
struct CSVTable {
  struct Row {
    var line: Int
    var fields: [String]
  }

  var columns: [String]
  var rows: [Row] = []

  /// Blank lines are skipped; every row must have as many fields as there are columns.
  init(_ text: String, needing needed: [String]) throws(CSVError) {
    var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.enumerated()
      .map { Row(line: $0 + 1, fields: CSVTable.fields($1)) }
      .filter { $0.fields != [""] }
    guard let header = lines.first else {
      throw CSVError(line: 1, message: "column names are needed, found an empty text")
    }
    lines.removeFirst()
    columns = header.fields
    for name in needed where !columns.contains(name) {
      throw CSVError(
        line: header.line, message: "column \(name) is needed, found \(columns.joined(separator: ","))")
    }
    for row in lines where row.fields.count != columns.count {
      throw CSVError(
        line: row.line, message: "\(columns.count) fields are needed, found \(row.fields.count)")
    }
    rows = lines
  }

  /// The text in a column, or nothing where the table has no such column.
  func text(_ column: String, in row: Row) -> String? {
    columns.firstIndex(of: column).map { row.fields[$0] }
  }

  /// Sums of a few numbers of the table do not overflow.
  static let largestNumber = 1 << 60

  /// The number in a column that the table is known to have.
  func number(_ column: String, in row: Row) throws(CSVError) -> Int {
    let text = text(column, in: row) ?? ""
    guard let number = Int(text) else {
      throw CSVError(line: row.line, message: "\(column) must be a whole number, found \"\(text)\"")
    }
    guard (-Self.largestNumber...Self.largestNumber).contains(number) else {
      throw CSVError(line: row.line, message: "\(column) must be at most \(Self.largestNumber), found \(number)")
    }
    return number
  }

  /// Commas inside double quotes do not split; a doubled quote stands for itself (RFC 4180).
  private static func fields(_ line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    var previous: Character?
    for character in line {
      switch character {
      case "\"":
        if !isQuoted && previous == "\"" { fields[fields.count - 1].append("\"") }
        isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
      previous = character
    }
    return fields
  }

  /// A text as one field: quoted where it has to be, on one line.
  static func field(_ text: String) -> String {
    let line = String(text.map { $0.isNewline ? " " : $0 })
    guard line.contains(where: { $0 == "," || $0 == "\"" }) else { return line }
    let doubled = line.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    return "\"\(doubled)\""
  }
}
