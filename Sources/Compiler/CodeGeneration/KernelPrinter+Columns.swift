import KernelIR
import TensorTypes

/// The loops over a row's columns.
extension KernelPrinter {
  mutating func printColumns(_ statements: [Kernel.Statement]) {
    let reductions = statements.compactMap { statement -> (Int, Combiner)? in
      if case .reduce(let local, let combiner, _) = statement { (local, combiner) } else { nil }
    }
    if reductions.isEmpty { printPlainColumns(statements) } else { printReducingColumns(statements, reductions) }
    for case .keep(let local) in statements { kept.insert(local) }
  }

  private mutating func printPlainColumns(_ statements: [Kernel.Statement]) {
    if kernel.columnExtents.count == 1 {
      lines.append("    \(Self.vectorized(kernel.columnCount))")
      lines.append("    for (int64_t j0 = 0; j0 < \(kernel.columnCount); j0++) {")
      printStatements(statements, indent: "      ", column: "j0", lane: nil)
    } else if let extent = kernel.longLastColumnExtent {
      return printNestedColumns(statements, extent)
    } else {
      lines.append("    for (int64_t column = 0; column < \(kernel.columnCount); column++) {")
      printDecomposition("column", kernel.columnExtents, columnAxes, indent: "      ")
      printStatements(statements, indent: "      ", column: "column", lane: nil)
    }
    lines.append("    }")
  }

  /// How a loop over so many columns becomes vectors.
  private static func vectorized(_ columnCount: Int) -> String {
    guard (4...Combiner.laneCount).contains(columnCount) else { return "RECURVE_VECTORIZE" }
    if columnCount < 8 { return "RECURVE_VECTORIZE_SHORT(4)" }
    let width = [16, 8, 4].first { columnCount.isMultiple(of: $0) }
    return width.map { "RECURVE_VECTORIZE_SHORT(\($0))" } ?? "RECURVE_VECTORIZE"
  }

  /// The last axis in a loop of its own, so that no element's place is divided.
  private mutating func printNestedColumns(_ statements: [Kernel.Statement], _ extent: Int) {
    lines.append("    for (int64_t outer = 0; outer < \(kernel.columnCount / extent); outer++) {")
    printDecomposition("outer", kernel.columnExtents.dropLast(), columnAxes.dropLast(), indent: "      ")
    lines.append("      RECURVE_VECTORIZE")
    lines.append("      for (int64_t last = 0; last < \(extent); last++) {")
    lines.append("        const int64_t \(columnAxes.last ?? "") = last, column = outer * \(extent) + last;")
    printStatements(statements, indent: "        ", column: "column", lane: nil)
    lines.append("      }")
    lines.append("    }")
  }

  private mutating func printReducingColumns(_ statements: [Kernel.Statement], _ reductions: [(Int, Combiner)]) {
    let lanes = Combiner.laneCount
    for (local, combiner) in reductions { printLaneStart(local, combiner) }
    lines.append("    {")
    lines.append("      int64_t start = 0;")
    lines.append("      for (; start + \(lanes) <= \(kernel.columnCount); start += \(lanes)) {")
    for load in prefetched {
      let offset = load.index.text(["(row + 1)", "start"])
      for line in stride(from: 0, to: lanes * load.byteCount, by: 64) {
        lines.append("        __builtin_prefetch((const char *)(b\(load.buffer) + \(offset)) + \(line));")
      }
    }
    if let extent = kernel.longLastColumnExtent { printUndividedLanes(statements, extent) }
    printLanes(statements, "RECURVE_VECTORIZE_LANES", bound: "lane < \(lanes)")
    lines.append("      }")
    printLanes(statements, "RECURVE_VECTORIZE_REST", bound: "start + lane < \(kernel.columnCount)")
    lines.append("    }")
    for (local, combiner) in reductions { printLaneEnd(local, combiner) }
  }

  private mutating func printLanes(_ statements: [Kernel.Statement], _ pragma: String, bound: String) {
    lines.append("        \(pragma)")
    lines.append("        for (int64_t lane = 0; \(bound); lane++) {")
    lines.append("          const int64_t column = start + lane;")
    printDecomposition("column", kernel.columnExtents, columnAxes, indent: "          ")
    printStatements(statements, indent: "          ", column: "column", lane: "lane")
    lines.append("        }")
  }

  /// Lanes that lie side by side on the last axis, whose places are not divided one by one.
  private mutating func printUndividedLanes(_ statements: [Kernel.Statement], _ extent: Int) {
    lines.append("        if (start % \(extent) + \(Combiner.laneCount) <= \(extent)) {")
    lines.append("          const int64_t outer = start / \(extent), first = start % \(extent);")
    printDecomposition("outer", kernel.columnExtents.dropLast(), columnAxes.dropLast(), indent: "          ")
    lines.append("          RECURVE_VECTORIZE_LANES")
    lines.append("          for (int64_t lane = 0; lane < \(Combiner.laneCount); lane++) {")
    lines.append("            const int64_t column = start + lane, \(columnAxes.last ?? "") = first + lane;")
    lines.append("            (void)column;")
    printStatements(statements, indent: "            ", column: "column", lane: "lane")
    lines.append("          }")
    lines.append("          continue;")
    lines.append("        }")
  }

  private mutating func printLaneStart(_ local: Int, _ combiner: Combiner) {
    if combiner == .argumentOfMaximum {
      lines.append("    double best\(local) = -1.0/0.0; int32_t l\(local) = 0;")
      return
    }
    let lane = LaneText(combiner, kernel.locals[local])
    lines.append("    \(lane.type) lanes\(local)[\(Combiner.laneCount)]; \(kernel.locals[local].cType) l\(local);")
    lines.append(
      "    for (int lane = 0; lane < \(Combiner.laneCount); lane++) lanes\(local)[lane] = \(lane.identity);")
  }

  private mutating func printLaneEnd(_ local: Int, _ combiner: Combiner) {
    if combiner == .argumentOfMaximum { return }
    let lane = LaneText(combiner, kernel.locals[local])
    var width = Combiner.laneCount / 2
    while width >= 1 {
      let update = lane.combined("lanes\(local)[lane]", "lanes\(local)[lane + \(width)]")
      lines.append("    for (int lane = 0; lane < \(width); lane++) lanes\(local)[lane] = \(update);")
      width /= 2
    }
    lines.append("    l\(local) = \(lane.result("lanes\(local)[0]"));")
  }
}

extension Kernel {
  /// The extent of the last of several column axes, where it holds many lanes.
  fileprivate var longLastColumnExtent: Int? {
    guard columnExtents.count > 1, let last = columnExtents.last, last >= Combiner.laneCount else { return nil }
    return last
  }
}
