extension MemoryPlan {
  /// An aligned text table with a row for every liveness interval, lowest offset first.
  ///
  /// The last line compares the arena with the lower bound; 100 % means that no plan is smaller.
  public func table(_ problem: MemoryProblem) -> String {
    let rows = [["offset", "bytes", "from", "until", "buffer"]] + sortedRows(problem)
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      let numbers = zip(row, widths).map { text, width in
        String(repeating: " ", count: width - text.count) + text
      }
      return (numbers + [row[4]]).joined(separator: "  ")
    }
    return (lines + [summary]).joined(separator: "\n")
  }

  /// The last line of the table.
  public var summary: String {
    let share = arenaByteCount == 0 ? 1 : Double(lowerBoundByteCount) / Double(arenaByteCount)
    let percent = Int((share * 100).rounded(.down))
    return "arena \(grouped(arenaByteCount)) bytes, "
      + "lower bound \(grouped(lowerBoundByteCount)), \(percent) %"
  }

  private func sortedRows(_ problem: MemoryProblem) -> [[String]] {
    let order = offsets.indices.sorted { left, right in
      let leftBirth = problem.buffers[left].intervals.first?.lowerBound ?? 0
      let rightBirth = problem.buffers[right].intervals.first?.lowerBound ?? 0
      return (offsets[left], leftBirth, left) < (offsets[right], rightBirth, right)
    }
    return order.flatMap { index in
      let buffer = problem.buffers[index]
      return buffer.intervals.map { interval in
        [offsets[index], buffer.byteCount, interval.lowerBound, interval.upperBound].map(String.init)
          + [buffer.name]
      }
    }
  }
}

/// A number with a comma between groups of three digits.
private func grouped(_ number: Int) -> String {
  var text = ""
  for (index, digit) in String(number.magnitude).reversed().enumerated() {
    if index > 0 && index.isMultiple(of: 3) { text.append(",") }
    text.append(digit)
  }
  return (number < 0 ? "-" : "") + String(text.reversed())
}
