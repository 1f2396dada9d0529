import GraphIR
import KernelIR

/// Kernels and products that one launch takes tile by tile.
struct StreamedNode {
  var position: Int
  var members: [Timeline.Node]
  var rowCount: Int
  /// Values that no other launch touches.
  var locals: [Graph.Value]
  var tilePanelCount: Int

  var panelCount: Int { StreamedGroup.panelCount(rowCount: rowCount) }
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

  /// What products read on the right, in order.
  var rightOperands: [AssembledContraction.Operand] {
    members.compactMap { if case .contraction(_, let product, _) = $0 { product.right } else { nil } }
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
      packed[index] = reserve(product.contraction.packedByteCount)
      productByteCount = max(productByteCount, product.contraction.rowsScratchByteCount)
    }
    let sharedByteCount = end
    end = 0
    let products = reserve(productByteCount)
    let locals = locals.map { value in
      let rowByteCount = graph.type(of: value).byteCount / rowCount
      let offset = reserve(rowByteCount * tilePanelCount * StreamedGroup.panelRows)
      return StreamedGroup.Local(rowByteCount: rowByteCount, scratchOffset: offset)
    }
    let arguments = arguments
    return StreamedGroup(
      rowCount: rowCount, tilePanelCount: tilePanelCount, members: members.map { member($0, arguments) },
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
      let operands = [product.left, product.result].map { operand($0.value, $0.offset) }
      return .init(
        .product(product.contraction), operands + [product.accumulator].compactMap { $0 }.map { operand($0) })
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

extension Timeline.Node {
  /// On the line of positions; a loop's is its beginning.
  var position: Int {
    switch self {
    case .kernel(let kernel): kernel.position
    case .contraction(let position, _, _), .scatter(let position, _): position
    case .streamed(let group): group.position
    case .loop(let loop): loop.begin
    }
  }

  /// Operations that a kernel or a product computes.
  var operations: [Graph.OperationID] {
    switch self {
    case .kernel(let kernel): kernel.members
    case .contraction(_, _, let identifier), .scatter(_, let identifier): [identifier]
    case .streamed(let group): group.members.flatMap(\.operations)
    case .loop: []
    }
  }

  func role(_ graph: Graph) -> Graph.Role {
    if case .kernel(let kernel) = self { return kernel.role }
    return operations.first.map { graph[$0].annotation.role } ?? .forward
  }

  /// Stored values that a kernel or a product reads.
  var read: [Graph.Value] {
    switch self {
    case .kernel(let kernel): kernel.assembled.values.filter { kernel.assembled.stores[$0] == nil }
    case .contraction(_, let product, _):
      [product.left.value, product.right.value, product.accumulator].compactMap { $0 }
    case .streamed(let group): group.members.flatMap(\.read)
    case .scatter, .loop: []
    }
  }

  /// Stored values that a kernel or a product writes, all or a part of each.
  var written: [Graph.Value] {
    switch self {
    case .kernel(let kernel): kernel.assembled.values.filter { kernel.assembled.stores[$0] != nil }
    case .contraction(_, let product, _): [product.result.value]
    case .streamed(let group): group.members.flatMap(\.written)
    case .scatter, .loop: []
    }
  }

  var touched: [Graph.Value] { read + written }

  /// The same without a product's right operand, of which tiles see a packed copy.
  fileprivate var touchedByTiles: [Graph.Value] {
    guard case .contraction(_, let product, _) = self else { return touched }
    return [product.left.value, product.result.value] + [product.accumulator].compactMap { $0 }
  }

  /// Whether row `i` of so many touches row `i` only of a value.
  func keepsRowsApart(_ value: Graph.Value, _ rowCount: Int, _ graph: Graph) -> Bool {
    let elementCount = graph.type(of: value).elementCount
    switch self {
    case .kernel(let kernel):
      return kernel.assembled.values.indices.filter { kernel.assembled.values[$0] == value }.allSatisfy {
        kernel.assembled.kernel.keepsRowsApart(inBuffer: $0, elementCount: elementCount, rowCount: rowCount)
      }
    case .contraction(_, let product, _): return product.keepsRowsApart(value, elementCount: elementCount)
    case .scatter, .loop, .streamed: return false
    }
  }

  /// Whether every element of an operand is read before the result's element at the same point is written, and only then.
  fileprivate func reads(_ operand: Graph.Value, onlyWhereItWrites result: Graph.Value) -> Bool {
    switch self {
    case .kernel(let kernel):
      guard let load = kernel.assembled.loads[operand], let stage = kernel.assembled.stores[result] else {
        return false
      }
      return load.isPointwise && load.lastStage <= stage
    case .contraction(_, let product, _):
      return product.accumulator == operand && product.left.value != operand && product.right.value != operand
    case .scatter, .loop, .streamed: return false
    }
  }
}

extension AssembledContraction {
  /// Whether row `i` of the product touches row `i` only of a value that it reads on the left or writes.
  fileprivate func keepsRowsApart(_ value: Graph.Value, elementCount: Int) -> Bool {
    guard let row = contraction.rows.first, contraction.rows.count == 1, elementCount % row.extent == 0,
      right.value != value
    else { return false }
    let width = elementCount / row.extent
    func fits(_ offset: Int, _ stride: Int, _ axes: [Contraction.Axis], _ own: KeyPath<Contraction.Axis, Int>) -> Bool {
      let reach = axes.reduce(offset) { $0 + ($1.extent - 1) * $1[keyPath: own] }
      return stride == width && offset >= 0 && reach < width && axes.allSatisfy { $0[keyPath: own] >= 0 }
    }
    let isLeft = left.value != value || fits(left.offset, row.leftStride, contraction.inner, \.leftStride)
    let isResult = result.value != value || fits(result.offset, row.resultStride, contraction.columns, \.resultStride)
    // The accumulator lies as the result does.
    let isAccumulator = accumulator != value || fits(0, row.resultStride, contraction.columns, \.resultStride)
    return isLeft && isResult && isAccumulator
  }
}
