import KernelIR
import TensorTypes

/// Reductions whose memory is contiguous along rows: a block of rows goes through the columns together.
///
/// Each row still has its 32 lanes, in the order that is part of the language; they lie side by side for the block.
extension KernelPrinter {
  /// 64, or what a kernel of fewer rows needs, in whole vectors.
  private var blockRows: Int { min(64, (kernel.rowCount + 15) / 16 * 16) }

  /// Lanes that a sum over few columns never reaches hold the identity, which changes no sum.
  private func laneCount(_ combiner: Combiner) -> Int {
    guard combiner == .sum else { return Combiner.laneCount }
    var count = 1
    while count < min(kernel.columnCount, Combiner.laneCount) { count *= 2 }
    return count
  }

  mutating func printAcrossRows() {
    guard case .columns(let statements)? = kernel.stages.first else { return }
    let reductions = statements.compactMap { statement -> (Int, Combiner)? in
      if case .reduce(let local, let combiner, _) = statement { (local, combiner) } else { nil }
    }
    lines.append("  for (int64_t block = begin; block < end; block += \(blockRows)) {")
    lines.append("    const int64_t rows = end - block < \(blockRows) ? end - block : \(blockRows);")
    for (local, combiner) in reductions { printBlockLanes(local, combiner) }
    printBlockColumns(statements)
    for (local, combiner) in reductions { printBlockTree(local, combiner) }
    printBlockRows(reductions)
    lines.append("  }")
  }

  private mutating func printBlockLanes(_ local: Int, _ combiner: Combiner) {
    let lane = LaneText(combiner, kernel.locals[local])
    lines.append("    \(lane.type) lanes\(local)[\(laneCount(combiner))][\(blockRows)];")
    lines.append("    for (int lane = 0; lane < \(laneCount(combiner)); lane++)")
    lines.append(
      "      for (int t = 0; t < \(blockRows); t++) lanes\(local)[lane][t] = \(lane.identity);")
  }

  private mutating func printBlockColumns(_ statements: [Kernel.Statement]) {
    lines.append("    for (int64_t column = 0; column < \(kernel.columnCount); column++) {")
    lines.append("      const int64_t lane = column % \(Combiner.laneCount);")
    printDecomposition("column", kernel.columnExtents, columnAxes, indent: "      ")
    lines.append("      RECURVE_VECTORIZE")
    lines.append("      for (int64_t t = 0; t < rows; t++) {")
    lines.append("        const int64_t row = block + t;")
    printDecomposition("row", kernel.rowExtents, rowAxes, indent: "        ")
    printStatements(statements, indent: "        ", column: "column", lane: "lane][t")
    lines.append("      }")
    lines.append("    }")
  }

  private mutating func printBlockTree(_ local: Int, _ combiner: Combiner) {
    let lane = LaneText(combiner, kernel.locals[local])
    var width = laneCount(combiner) / 2
    while width >= 1 {
      let update = lane.combined("lanes\(local)[lane][t]", "lanes\(local)[lane + \(width)][t]")
      lines.append("    for (int lane = 0; lane < \(width); lane++)")
      lines.append("      for (int t = 0; t < \(blockRows); t++) lanes\(local)[lane][t] = \(update);")
      width /= 2
    }
  }

  private mutating func printBlockRows(_ reductions: [(Int, Combiner)]) {
    lines.append("    for (int64_t t = 0; t < rows; t++) {")
    lines.append("      const int64_t row = block + t;")
    printDecomposition("row", kernel.rowExtents, rowAxes, indent: "      ")
    for (local, combiner) in reductions {
      let result = LaneText(combiner, kernel.locals[local]).result("lanes\(local)[0][t]")
      lines.append("      const \(kernel.locals[local].cType) l\(local) = \(result);")
    }
    for case .row(let statements) in kernel.stages {
      printStatements(statements, indent: "      ", column: "0", lane: nil)
    }
    lines.append("    }")
  }
}
