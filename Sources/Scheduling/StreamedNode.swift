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
  /// Where products find their right operands, by member.
  var packed: [Int: PackingNode.Place] = [:]

  var panelCount: Int { (rowCount + panelRows - 1) / panelRows }
}

extension StreamedNode {
  /// Values that tiles touch in memory, in order of first use.
  var arguments: [Graph.Value] {
    var found: [Graph.Value] = []
    for value in members.flatMap({ $0.readByTiles + $0.written })
    where !locals.contains(value) && !found.contains(value) {
      found.append(value)
    }
    return found
  }

  /// Where right operands lie packed, in the order of their products; they follow the arguments.
  var packedOperands: [PackingNode.Place] { packed.sorted { $0.key < $1.key }.map(\.value) }

  /// The group as a kernel.
  ///
  /// - Parameter shares: into how many parts the launch is divided. A tile is no longer than the shortest of them: every
  ///   worker fills its part of the scratch, whichever parts it has.
  func group(_ graph: Graph, shares: Int) -> StreamedGroup {
    let tilePanelCount = min(tilePanelCount, max(1, panelCount / shares))
    let tileRowCount = min(tilePanelCount * panelRows, rowCount)
    let productByteCounts = members.map { member in
      if case .contraction(_, let product, _) = member { product.contraction.tileScratchByteCount } else { 0 }
    }
    let productsEnd = productByteCounts.reduce(0, max)
    var end = productsEnd
    let locals = locals.map { value in
      let rowByteCount = graph.type(of: value).byteCount / rowCount
      end = (end + 63) / 64 * 64 + rowByteCount * tileRowCount
      return StreamedGroup.Local(rowByteCount: rowByteCount, scratchEnd: end)
    }
    let arguments = arguments
    return StreamedGroup(
      rowCount: rowCount, panelRows: panelRows, tilePanelCount: tilePanelCount,
      members: members.indices.map { member($0, arguments) }, locals: locals,
      scratch: .init(productsEnd: productsEnd, workerByteCount: end))
  }

  private func member(_ index: Int, _ arguments: [Graph.Value]) -> StreamedGroup.Member {
    func operand(_ operand: AssembledContraction.Operand) -> StreamedGroup.Operand {
      if let local = locals.firstIndex(of: operand.value) { return .init(.local(local), offset: operand.offset) }
      guard let argument = arguments.firstIndex(of: operand.value) else {
        preconditionFailure("member \(index) reads value \(operand.value.index), no argument among \(arguments)")
      }
      return .init(.argument(argument), offset: operand.offset)
    }
    switch members[index] {
    case .kernel(let kernel):
      return .init(.nest(kernel.assembled.kernel), kernel.assembled.values.map { operand(.init(value: $0, offset: 0)) })
    case .contraction(_, let product, _):
      let before = packed.keys.count { $0 < index }
      let right =
        packed[index] == nil
        ? operand(product.right) : StreamedGroup.Operand(.argument(arguments.count + before), offset: 0)
      let accumulator = product.accumulator.map { [operand(.init(value: $0, offset: 0))] } ?? []
      return .init(
        product.contraction.isBatched ? .batchedProduct(product.contraction) : .product(product.contraction),
        [operand(product.left), right, operand(product.result)] + accumulator)
    case .scatter, .loop, .streamed, .packing: preconditionFailure("a group has kernels and products only")
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
