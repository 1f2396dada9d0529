extension MemoryPlan {
  /// Reads the column `offset` of a CSV text.
  ///
  /// Rows are matched with the buffers by the column `id`, which may hold their names instead.
  public init(csv: String, for problem: MemoryProblem) throws(CSVError) {
    let table = try CSVTable(csv, needing: ["id", "offset"])
    var offsets: [String: Int] = [:]
    for row in table.rows {
      offsets[table.text("id", in: row) ?? ""] = try table.number("offset", in: row)
    }
    let hasNames = !table.columns.contains("name") && problem.buffers.contains { offsets[$0.name] != nil }
    var found: [Int] = []
    for buffer in problem.buffers {
      guard let offset = offsets[hasNames ? buffer.name : String(buffer.id)] else {
        throw CSVError(
          line: (table.rows.last?.line ?? 1) + 1,
          message: "a row for buffer \(buffer.name) is needed, found the end of the text")
      }
      found.append(offset)
    }
    self.init(offsets: found, for: problem, method: "csv")
  }

  /// The problem's CSV text with one more column, `offset`.
  public func csv(for problem: MemoryProblem) -> String {
    problem.csv(offsets: offsets)
  }
}
