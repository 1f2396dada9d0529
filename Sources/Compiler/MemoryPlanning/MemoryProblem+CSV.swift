extension MemoryProblem {
  /// Reads the format of google/minimalloc: columns `id,lower,upper,size`, `upper` exclusive.
  ///
  /// Two more columns may be there; others are ignored.
  /// - `gaps`: the half-open holes between liveness intervals, such as `4-6 9-11`
  /// - `name`: otherwise the id is the name
  ///
  /// Where some id is not written as numbers are, as `01` or `b1`, ids become names and the places of the rows become ids.
  public init(csv: String, alignment: Int = 64) throws(CSVError) {
    let table = try CSVTable(csv, needing: ["id", "lower", "upper", "size"])
    var buffers: [Buffer] = []
    var lineOfID: [String: Int] = [:]
    var total = 0
    let hasNumbers = table.rows.allSatisfy { row in
      let id = table.text("id", in: row) ?? ""
      return Int(id).map { String($0) } == id
    }
    for row in table.rows {
      let id = table.text("id", in: row) ?? ""
      if let line = lineOfID.updateValue(row.line, forKey: id) {
        throw CSVError(
          line: row.line, message: "every id must be unique, found \(id) on line \(line) too")
      }
      let byteCount = try MemoryProblem.byteCount(in: row, of: table)
      total += byteCount + min(alignment, CSVTable.largestNumber)
      guard total <= CSVTable.largestNumber else {
        throw CSVError(
          line: row.line, message: "sizes must add up to at most \(CSVTable.largestNumber) bytes, found more")
      }
      buffers.append(
        Buffer(
          id: hasNumbers ? Int(id) ?? 0 : buffers.count,
          byteCount: byteCount,
          intervals: try MemoryProblem.intervals(in: row, of: table),
          name: table.text("name", in: row) ?? id))
    }
    self.init(buffers: buffers, alignment: alignment)
  }

  /// The buffers in the form that `init(csv:alignment:)` reads.
  ///
  /// The columns `gaps` and `name` appear only when a buffer needs them.
  public var csv: String { csv(offsets: nil) }

  /// The same text with a column `offset` when offsets are given.
  func csv(offsets: [Int]?) -> String {
    let hasGaps = buffers.contains { $0.intervals.count > 1 }
    let hasNames = buffers.contains { $0.name != String($0.id) }
    var header = "id,lower,upper,size" + (hasGaps ? ",gaps" : "") + (hasNames ? ",name" : "")
    if offsets != nil { header += ",offset" }
    let lines = buffers.enumerated().map { index, buffer in
      var fields = [String(buffer.id), String(buffer.lower), String(buffer.upper), String(buffer.byteCount)]
      if hasGaps { fields.append(buffer.gaps) }
      if hasNames { fields.append(CSVTable.field(buffer.name)) }
      if let offsets { fields.append(String(offsets[index])) }
      return fields.joined(separator: ",")
    }
    return ([header] + lines).map { $0 + "\n" }.joined()
  }

  private static func byteCount(in row: CSVTable.Row, of table: CSVTable) throws(CSVError) -> Int {
    let size = try table.number("size", in: row)
    guard size >= 0 else {
      throw CSVError(line: row.line, message: "size must not be negative, found \(size)")
    }
    return size
  }

  private static func intervals(in row: CSVTable.Row, of table: CSVTable) throws(CSVError) -> [Range<Int>] {
    var lower = try table.number("lower", in: row)
    let upper = try table.number("upper", in: row)
    guard lower < upper else {
      throw CSVError(
        line: row.line, message: "upper must be larger than lower, found \(lower) and \(upper)")
    }
    var intervals: [Range<Int>] = []
    for text in (table.text("gaps", in: row) ?? "").split(separator: " ") {
      let gap = try gap(text, line: row.line)
      guard lower < gap.lowerBound && gap.upperBound < upper else {
        throw CSVError(
          line: row.line,
          message: "gap must lie between positions \(lower) and \(upper) and touch neither, found \(text)")
      }
      intervals.append(lower..<gap.lowerBound)
      lower = gap.upperBound
    }
    return intervals + [lower..<upper]
  }

  private static func gap(_ text: Substring, line: Int) throws(CSVError) -> Range<Int> {
    // The first character may be the sign of a negative position.
    guard let dash = text.dropFirst().firstIndex(of: "-"), let lower = Int(text[..<dash]),
      let upper = Int(text[text.index(after: dash)...]), lower < upper
    else {
      throw CSVError(line: line, message: "gap must be written as start-end, found \"\(text)\"")
    }
    return lower..<upper
  }
}

extension Buffer {
  fileprivate var lower: Int { intervals.first?.lowerBound ?? 0 }
  fileprivate var upper: Int { intervals.last?.upperBound ?? 0 }

  fileprivate var gaps: String {
    zip(intervals, intervals.dropFirst()).filter { $0.upperBound < $1.lowerBound }
      .map { "\($0.upperBound)-\($1.lowerBound)" }.joined(separator: " ")
  }
}
