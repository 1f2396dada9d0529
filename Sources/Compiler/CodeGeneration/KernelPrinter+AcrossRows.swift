import KernelIR
import TensorTypes

/// Reductions whose memory is contiguous along rows: a block of rows goes through the columns together.
///
/// Each row still has its 32 lanes, in the order that is part of the language; they lie side by side for the block. A block
/// stays within the last row axis, so that nothing is divided for a single row.
extension KernelPrinter {
  private var runLength: Int { kernel.rowExtents.last ?? 1 }

  /// 64, or as many as the last axis has.
  private var blockRows: Int { min(64, runLength) }

  /// Lanes that few columns never reach hold the identity, which changes no sum and no maximum.
  private var laneCount: Int {
    var count = 1
    while count < min(kernel.columnCount, Combiner.laneCount) { count *= 2 }
    return count
  }

  mutating func printAcrossRows() {
    guard case .columns(let statements)? = kernel.stages.first else { return }
    let reductions = statements.compactMap { statement -> (Int, Combiner)? in
      if case .reduce(let local, let combiner, _) = statement { (local, combiner) } else { nil }
    }
    lines.append("  for (int64_t block = begin, rows; block < end; block += rows) {")
    printDecomposition("block", kernel.rowExtents, rowAxes.dropLast() + ["start"], indent: "    ")
    lines.append("    rows = recurve_minimum(recurve_minimum(\(runLength) - start, end - block), \(blockRows));")
    // Loops of a known length are unrolled.
    lines.append("    if (rows == \(blockRows)) {")
    printBlock(statements, reductions, rows: "\(blockRows)")
    lines.append("    } else {")
    printBlock(statements, reductions, rows: "rows")
    lines.append("    }")
    lines.append("  }")
  }

  private mutating func printBlock(_ statements: [Kernel.Statement], _ reductions: [(Int, Combiner)], rows: String) {
    for (local, combiner) in reductions { printBlockLanes(local, combiner, rows) }
    printBlockColumns(statements, rows)
    for (local, combiner) in reductions { printBlockTree(local, combiner, rows) }
    printBlockRows(reductions, rows)
  }

  private mutating func printBlockLanes(_ local: Int, _ combiner: Combiner, _ rows: String) {
    let lane = LaneText(combiner, kernel.locals[local])
    lines.append("      \(lane.type) lanes\(local)[\(laneCount)][\(blockRows)];")
    lines.append("      for (int lane = 0; lane < \(laneCount); lane++)")
    lines.append("        for (int64_t t = 0; t < \(rows); t++) lanes\(local)[lane][t] = \(lane.identity);")
  }

  private mutating func printBlockColumns(_ statements: [Kernel.Statement], _ rows: String) {
    lines.append("      for (int64_t column = 0; column < \(kernel.columnCount); column++) {")
    lines.append("        const int64_t lane = column % \(Combiner.laneCount);")
    printDecomposition("column", kernel.columnExtents, columnAxes, indent: "        ")
    lines.append("        RECURVE_VECTORIZE")
    lines.append("        for (int64_t t = 0; t < \(rows); t++) {")
    printRowAxis(indent: "          ")
    printStatements(statements, indent: "          ", column: "column", lane: "lane][t")
    lines.append("        }")
    lines.append("      }")
  }

  private mutating func printRowAxis(indent: String) {
    if let axis = rowAxes.last { lines.append("\(indent)const int64_t \(axis) = start + t;") }
  }

  private mutating func printBlockTree(_ local: Int, _ combiner: Combiner, _ rows: String) {
    let lane = LaneText(combiner, kernel.locals[local])
    var width = laneCount / 2
    while width >= 1 {
      let update = lane.combined("lanes\(local)[lane][t]", "lanes\(local)[lane + \(width)][t]")
      lines.append("      for (int lane = 0; lane < \(width); lane++)")
      lines.append("        for (int64_t t = 0; t < \(rows); t++) lanes\(local)[lane][t] = \(update);")
      width /= 2
    }
  }

  private mutating func printBlockRows(_ reductions: [(Int, Combiner)], _ rows: String) {
    lines.append("      RECURVE_VECTORIZE")
    lines.append("      for (int64_t t = 0; t < \(rows); t++) {")
    printRowAxis(indent: "        ")
    for (local, combiner) in reductions {
      let result = LaneText(combiner, kernel.locals[local]).result("lanes\(local)[0][t]")
      lines.append("        const \(kernel.locals[local].cType) l\(local) = \(result);")
    }
    for case .row(let statements) in kernel.stages {
      printStatements(statements, indent: "        ", column: "0", lane: nil)
    }
    lines.append("      }")
  }
}
