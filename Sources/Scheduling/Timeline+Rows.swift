import GraphIR
import KernelIR

extension Timeline.Node {
  /// On the line of positions; a loop's is its beginning.
  var position: Int {
    switch self {
    case .kernel(let kernel): kernel.position
    case .contraction(let position, _, _), .scatter(let position, _): position
    case .streamed(let group): group.position
    case .packing(let packing): packing.position
    case .loop(let loop): loop.begin
    }
  }

  /// Operations that a kernel or a product computes.
  var operations: [Graph.OperationID] {
    switch self {
    case .kernel(let kernel): kernel.members
    case .contraction(_, _, let identifier), .scatter(_, let identifier): [identifier]
    case .streamed(let group): group.members.flatMap(\.operations)
    case .packing(let packing): packing.parts.map(\.operation)
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
    case .streamed(let group): group.members.flatMap(\.readByTiles)
    case .packing(let packing): packing.parts.map(\.operand.value)
    case .scatter, .loop: []
    }
  }

  /// Stored values that a kernel or a product writes, all or a part of each.
  var written: [Graph.Value] {
    switch self {
    case .kernel(let kernel): kernel.assembled.values.filter { kernel.assembled.stores[$0] != nil }
    case .contraction(_, let product, _): [product.result.value]
    case .streamed(let group): group.members.flatMap(\.written)
    case .packing, .scatter, .loop: []
    }
  }

  var touched: [Graph.Value] { read + written }

  /// What is read, without a right operand of which tiles see a packed copy.
  var readByTiles: [Graph.Value] {
    guard case .contraction(_, let product, _) = self, !product.contraction.isBatched else { return read }
    return [product.left.value] + [product.accumulator].compactMap { $0 }
  }

  /// Whether row `i` of so many touches row `i` only of a value.
  func keepsRowsApart(_ value: Graph.Value, _ rowCount: Int, _ graph: Graph) -> Bool {
    let elementCount = graph.type(of: value).elementCount
    switch self {
    case .kernel(let kernel):
      return kernel.assembled.values.indices.filter { kernel.assembled.values[$0] == value }.allSatisfy {
        kernel.assembled.kernel.keepsRowsApart(inBuffer: $0, elementCount: elementCount, rowCount: rowCount)
      }
    case .contraction(_, let product, _):
      return product.keepsRowsApart(value, elementCount: elementCount, rowCount: rowCount)
    case .scatter, .loop, .streamed, .packing: return false
    }
  }

  /// Whether every element of an operand is read before the result's element at the same point is written, and only then.
  func reads(_ operand: Graph.Value, onlyWhereItWrites result: Graph.Value) -> Bool {
    switch self {
    case .kernel(let kernel):
      guard let load = kernel.assembled.loads[operand], let stage = kernel.assembled.stores[result] else {
        return false
      }
      return load.isPointwise && load.lastStage <= stage
    case .contraction(_, let product, _):
      return product.accumulator == operand && product.left.value != operand && product.right.value != operand
    case .scatter, .loop, .streamed, .packing: return false
    }
  }
}

extension AssembledContraction {
  /// Operands of which a row of the product reads a row; all rows of one product share its right operand.
  var dividedOperands: [Graph.Value] { contraction.isBatched ? [left.value, right.value] : [left.value] }

  /// Whether row `i` of so many of the product touches row `i` only of a value; a batched product's rows are matrices, or
  /// those of an index of leading axes.
  fileprivate func keepsRowsApart(_ value: Graph.Value, elementCount: Int, rowCount: Int) -> Bool {
    let outer = contraction.isBatched ? contraction.batch : contraction.rows
    guard let leading = (0...outer.count).first(where: { Contraction.extent(Array(outer[..<$0])) == rowCount }),
      elementCount % rowCount == 0
    else { return false }
    let rows = outer[leading...] + (contraction.isBatched ? contraction.rows : [])
    func fits(_ offset: Int, _ axes: [Contraction.Axis], _ own: KeyPath<Contraction.Axis, Int>) -> Bool {
      var stride = elementCount / rowCount
      let reach = axes.reduce(offset) { $0 + ($1.extent - 1) * $1[keyPath: own] }
      guard offset >= 0, reach < stride, axes.allSatisfy({ $0[keyPath: own] >= 0 }) else { return false }
      for axis in outer[..<leading].reversed() {
        if axis[keyPath: own] != stride { return false }
        stride *= axis.extent
      }
      return true
    }
    let isLeft = left.value != value || fits(left.offset, rows + contraction.inner, \.leftStride)
    // Rows of one product share its right operand.
    let isRight =
      right.value != value
      || contraction.isBatched && fits(right.offset, contraction.columns + contraction.inner, \.rightStride)
    let isResult = result.value != value || fits(result.offset, rows + contraction.columns, \.resultStride)
    // The accumulator lies as the result does.
    let isAccumulator = accumulator != value || fits(0, rows + contraction.columns, \.resultStride)
    return isLeft && isRight && isResult && isAccumulator
  }
}
