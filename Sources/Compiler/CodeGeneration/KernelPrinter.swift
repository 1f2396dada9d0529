import KernelIR
import TensorTypes

/// Writes a loop nest as a C function.
///
/// Workers take ranges of rows, or of columns where there are no rows. Reductions run in 32 lanes, whose order is part
/// of the language; a tail takes the lanes it reaches, so every element meets the same lane whatever the vector width.
struct KernelPrinter {
  let kernel: Kernel
  private let name: String
  var lines: [String] = []
  /// Locals of column stages that are already finished.
  var kept: Set<Int> = []
  /// Buffers and offsets of the first column stage, whose next row is fetched during the second: while a row is worked on
  /// in the cache, memory would be idle.
  var prefetched: [Kernel.PrefetchedLoad] = []
  /// Buffers whose rows are gathered in the cache and stored around it.
  private let uncached: [Int]

  /// - Parameter isMember: whether it is a part of a group and takes the range of its rows instead of a worker's number.
  static func source(_ kernel: Kernel, _ target: Target, name: String, isMember: Bool = false) -> String {
    // What a member stores, the next one reads from the cache.
    let uncached = isMember ? [] : kernel.uncachedStores(target).sorted()
    var printer = KernelPrinter(kernel: kernel, name: name, uncached: uncached)
    printer.printFunction(isMember: isMember)
    return printer.lines.joined(separator: "\n") + "\n"
  }

  private init(kernel: Kernel, name: String, uncached: [Int]) {
    self.kernel = kernel
    self.name = name
    self.uncached = uncached
  }

  var rowAxes: [String] { kernel.rowExtents.indices.map { "i\($0)" } }
  var columnAxes: [String] { kernel.columnExtents.indices.map { "j\($0)" } }

  private mutating func printFunction(isMember: Bool) {
    let range = isMember ? "int64_t begin, int64_t end" : "char *scratch, const recurve_share *share"
    lines.append("\(isMember ? "static " : "")void \(name)(char *const *buffers, \(range)) {")
    for (index, buffer) in kernel.buffers.enumerated() {
      let type = buffer.elementType.cType
      let qualifier = buffer.isWritten ? "" : "const "
      lines.append("  \(qualifier)\(type) *b\(index) = (\(qualifier)\(type) *)buffers[\(index)];")
    }
    if !isMember {
      let total = kernel.sharedExtents.reduce(1, *)
      lines.append("  (void)scratch;")
      lines.append("  const int64_t begin = \(bound("begin", total)), end = \(bound("end", total));")
    }
    if kernel.isFlat { printFlat() } else if kernel.reducesAcrossRows { printAcrossRows() } else { printRows() }
    lines.append("}")
  }

  /// Where a share begins or ends: among independent elements at a multiple of 64, whole cache lines.
  private func bound(_ side: String, _ total: Int) -> String {
    if !kernel.isFlat { return "recurve_share_\(side)(share, \(total))" }
    let part = "recurve_share_\(side)(share, \((total + 63) / 64)) * 64"
    return side == "end" && total % 64 != 0 ? "recurve_minimum(\(part), \(total))" : part
  }

  private mutating func printFlat() {
    guard case .columns(let statements)? = kernel.stages.first else { return }
    lines.append("  RECURVE_VECTORIZE")
    lines.append("  for (int64_t j0 = begin; j0 < end; j0++) {")
    printStatements(statements, indent: "    ", column: "j0", lane: nil)
    lines.append("  }")
  }

  private mutating func printRows() {
    lines.append("  for (int64_t row = begin; row < end; row++) {")
    printDecomposition("row", kernel.rowExtents, rowAxes, indent: "    ")
    for local in keptLocals() {
      lines.append("    \(kernel.locals[local].cType) k\(local)[\(max(kernel.columnCount, 1))];")
    }
    for buffer in uncached {
      let type = kernel.buffers[buffer].elementType.cType
      lines.append("    _Alignas(64) \(type) s\(buffer)[\(kernel.columnCount)];")
    }
    for (index, stage) in kernel.stages.enumerated() {
      switch stage {
      case .row(let statements): printStatements(statements, indent: "    ", column: "0", lane: nil)
      case .columns(let statements):
        prefetched = index == kernel.secondColumnStage ? kernel.prefetchedLoads : []
        printColumns(statements)
      }
    }
    for buffer in uncached {
      let target = "b\(buffer) + row * \(kernel.columnCount)"
      lines.append("    recurve_stream_row((char *)(\(target)), (const char *)s\(buffer), sizeof s\(buffer));")
    }
    lines.append("  }")
    if !uncached.isEmpty { lines.append("  recurve_stream_end();") }
  }

  private func keptLocals() -> [Int] {
    kernel.stages.flatMap { stage -> [Int] in
      guard case .columns(let statements) = stage else { return [] }
      return statements.compactMap { if case .keep(let local) = $0 { local } else { nil } }
    }
  }

  mutating func printDecomposition(
    _ flat: String, _ extents: some Sequence<Int>, _ names: some Sequence<String>, indent: String
  ) {
    var divisor = extents.reduce(1, *)
    for (axis, (extent, name)) in zip(extents, names).enumerated() {
      divisor /= max(extent, 1)
      let quotient = divisor == 1 ? flat : "\(flat) / \(divisor)"
      lines.append("\(indent)const int64_t \(name) = \(axis == 0 ? quotient : "(\(quotient)) % \(extent)");")
    }
  }

  mutating func printStatements(
    _ statements: [Kernel.Statement], indent: String, column: String, lane: String?
  ) {
    let printer = ExpressionPrinter(kernel: kernel, axes: rowAxes + columnAxes, kept: kept, column: column)
    for statement in statements {
      switch statement {
      case .define(let local, let value):
        lines.append("\(indent)const \(kernel.locals[local].cType) l\(local) = \(printer.text(value));")
      case .store(let buffer, _, let value) where uncached.contains(buffer):
        lines.append("\(indent)s\(buffer)[\(column)] = \(printer.text(value));")
      case .store(let buffer, let index, let value):
        lines.append("\(indent)b\(buffer)[\(printer.offset(index, []))] = \(printer.text(value));")
      case .keep(let local):
        lines.append("\(indent)k\(local)[\(column)] = l\(local);")
      case .reduce(let local, .argumentOfMaximum, let value):
        lines.append("\(indent){ const double v = \(printer.text(value));")
        // What is not a number comes before every number.
        // Without branches: clang threads those of an unrolled loop through each other, which takes minutes at 18 columns.
        lines.append("\(indent)  const int takes = (v > best\(local)) | ((v != v) & (best\(local) == best\(local)));")
        lines.append(
          "\(indent)  best\(local) = takes ? v : best\(local); l\(local) = takes ? (int32_t)\(column) : l\(local); }")
      case .reduce(let local, let combiner, let value):
        let current = "lanes\(local)[\(lane ?? "0")]"
        let text = LaneText(combiner, kernel.locals[local])
        lines.append("\(indent){ const \(text.type) v = \(text.element(printer.text(value)));")
        lines.append("\(indent)  \(current) = \(text.combined(current, "v")); }")
      }
    }
  }
}
