import GraphIR
import KernelIR

/// Kernels and products that one launch takes tile by tile.
struct StreamedNode {
  var position: Int
  var members: [Timeline.Node]
  var rowCount: Int
  var panelRows: Int
  /// Values that no other launch touches.
  var locals: [Graph.Value]
  var tilePanelCount: Int

  var panelCount: Int { (rowCount + panelRows - 1) / panelRows }
}

extension StreamedNode {
  /// Values that tiles touch in memory, in order of first use.
  var arguments: [Graph.Value] {
    var found: [Graph.Value] = []
    for value in members.flatMap(\.touchedByTiles) where !locals.contains(value) && !found.contains(value) {
      found.append(value)
    }
    return found
  }

  /// What products read packed, in order.
  var rightOperands: [AssembledContraction.Operand] {
    members.compactMap {
      if case .contraction(_, let product, _) = $0, !product.contraction.isBatched { product.right } else { nil }
    }
  }

  /// The group as a kernel.
  func group(_ graph: Graph) -> StreamedGroup {
    var end = 0
    func reserve(_ byteCount: Int) -> Int {
      defer { end += (byteCount + 63) / 64 * 64 }
      return end
    }
    var packed: [Int: Int] = [:]
    var productByteCount = 0
    for (index, member) in members.enumerated() {
      guard case .contraction(_, let product, _) = member else { continue }
      if !product.contraction.isBatched { packed[index] = reserve(product.contraction.packedByteCount) }
      productByteCount = max(productByteCount, product.contraction.tileScratchByteCount)
    }
    let sharedByteCount = end
    end = 0
    let products = reserve(productByteCount)
    let locals = locals.map { value in
      let rowByteCount = graph.type(of: value).byteCount / rowCount
      let offset = reserve(rowByteCount * tilePanelCount * panelRows)
      return StreamedGroup.Local(rowByteCount: rowByteCount, scratchOffset: offset)
    }
    let arguments = arguments
    return StreamedGroup(
      rowCount: rowCount, panelRows: panelRows, tilePanelCount: tilePanelCount,
      members: members.map { member($0, arguments) },
      locals: locals,
      scratch: .init(
        packed: packed, sharedByteCount: sharedByteCount, products: products, workerByteCount: max(end, 64)))
  }

  private func member(_ node: Timeline.Node, _ arguments: [Graph.Value]) -> StreamedGroup.Member {
    func operand(_ value: Graph.Value, _ offset: Int = 0) -> StreamedGroup.Operand {
      if let local = locals.firstIndex(of: value) { return .init(.local(local), offset: offset) }
      return .init(.argument(arguments.firstIndex(of: value) ?? 0), offset: offset)
    }
    switch node {
    case .kernel(let kernel):
      return .init(.nest(kernel.assembled.kernel), kernel.assembled.values.map { operand($0) })
    case .contraction(_, let product, _):
      let contraction = product.contraction
      let operands = [product.left] + (contraction.isBatched ? [product.right] : []) + [product.result]
      return .init(
        contraction.isBatched ? .batchedProduct(contraction) : .product(contraction),
        operands.map { operand($0.value, $0.offset) } + [product.accumulator].compactMap { $0 }.map { operand($0) })
    case .scatter, .loop, .streamed: preconditionFailure("a group has kernels and products only")
    }
  }

  /// Whether a value may be written over another that the group reads: every row of it is read before, by members that
  /// keep rows apart, or at the point itself by the kernel that writes.
  func mayReplace(_ operand: Graph.Value, by result: Graph.Value, _ graph: Graph) -> Bool {
    guard graph.type(of: operand).byteCount == graph.type(of: result).byteCount, operand != result,
      members.allSatisfy({ !$0.written.contains(operand) }),
      let writer = members.firstIndex(where: { $0.written.contains(result) }),
      members[writer].keepsRowsApart(result, rowCount, graph)
    else { return false }
    return members.enumerated().allSatisfy { index, member in
      guard member.read.contains(operand) else { return true }
      if index == writer { return member.reads(operand, onlyWhereItWrites: result) }
      return index < writer && member.keepsRowsApart(operand, rowCount, graph)
    }
  }
}
