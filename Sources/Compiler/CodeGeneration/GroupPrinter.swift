import KernelIR

/// Writes a streamed group as one C function: tile after tile through all members.
///
/// Values that live in tiles only are given to members as if all their rows were there: row 0 would lie as far before the
/// tile as the tile's rows are from row 0, so that a member's own offsets are right. A tile lies at the end of its place, so
/// that a shorter one writes the last byte too.
struct GroupPrinter {
  private let group: StreamedGroup
  private let target: Target
  private let name: String

  static func source(_ group: StreamedGroup, _ target: Target, name: String) -> String {
    let printer = GroupPrinter(group: group, target: target, name: name)
    return printer.members + printer.function
  }

  private var members: String {
    group.members.enumerated().map { index, member in
      switch member.body {
      case .nest(let kernel): KernelPrinter.source(kernel, target, name: "\(name)_\(index)", isMember: true)
      case .product(let contraction), .batchedProduct(let contraction):
        ContractionPrinter.description(contraction, name: "\(name)_\(index)")
      }
    }.joined(separator: "\n")
  }

  private var function: String {
    let panelRows = group.panelRows
    return """
      void \(name)(char *const *buffers, char *scratch, const recurve_share *share) {
        char *const own = scratch + share->worker * \(group.scratch.workerStride)LL;
        (void)own;
        const int64_t last = recurve_share_end(share, \(group.panelCount));
        for (int64_t panel = recurve_share_begin(share, \(group.panelCount)); panel < last; panel += \(group.tilePanelCount)) {
          const int64_t end_panel = recurve_minimum(panel + \(group.tilePanelCount), last);
          const int64_t begin = panel * \(panelRows);
          const int64_t end = recurve_minimum(end_panel * \(panelRows), \(group.rowCount));
          (void)end;
      \(locals)\(calls)  }
      }

      """
  }

  private var locals: String {
    group.locals.enumerated().map { index, local in
      let rows = "(uintptr_t)end * \(local.rowByteCount)"
      return "    char *const local\(index) = (char *)((uintptr_t)own + \(local.scratchEnd) - \(rows));\n"
    }.joined()
  }

  private var calls: String {
    group.members.enumerated().map { index, member in
      switch member.body {
      case .nest(let kernel): call(kernel, member.operands, index)
      case .product: product("rows", "panel", "end_panel", member.operands, index)
      case .batchedProduct(let contraction):
        product("batch", "begin * \(factor(contraction))", "end * \(factor(contraction))", member.operands, index)
      }
    }.joined()
  }

  /// Matrices of a batched product for each row of the group.
  private func factor(_ contraction: Contraction) -> Int { divided(Contraction.extent(contraction.batch)) }

  /// What of a member's work belongs to one row of the group; work that rows do not divide would be left undone.
  private func divided(_ iterations: Int) -> Int {
    precondition(
      iterations.isMultiple(of: group.rowCount), "\(iterations) iterations in a group of \(group.rowCount) rows")
    return iterations / group.rowCount
  }

  private func call(_ kernel: Kernel, _ operands: [StreamedGroup.Operand], _ index: Int) -> String {
    let arguments = zip(operands, kernel.buffers).map { address($0, byteCount: $1.elementType.byteCount) }
    let factor = divided(kernel.sharedExtents.reduce(1, *))
    return """
          { char *const arguments[] = {\(arguments.joined(separator: ", "))};
            \(name)_\(index)(arguments, begin * \(factor), end * \(factor)); }

      """
  }

  private func product(
    _ kind: String, _ first: String, _ end: String, _ operands: [StreamedGroup.Operand], _ index: Int
  ) -> String {
    let addresses = operands.map { address($0, byteCount: 4) }
    let accumulator = addresses.count > 3 ? "(const float *)\(addresses[3])" : "0"
    return """
          recurve_contract_\(kind)_f32_binding(&\(name)_\(index)_axes, (const float *)\(addresses[0]),
            (const float *)\(addresses[1]), \(accumulator), (float *)\(addresses[2]), own + \(group.scratch.productsEnd),
            \(first), \(end));

      """
  }

  private func address(_ operand: StreamedGroup.Operand, byteCount: Int) -> String {
    let base =
      switch operand.source {
      case .argument(let index): "buffers[\(index)]"
      case .local(let index): "local\(index)"
      }
    return operand.offset == 0 ? base : "(\(base) + \(operand.offset * byteCount))"
  }
}
