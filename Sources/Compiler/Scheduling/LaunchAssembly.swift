import GraphIR
import KernelIR
import Operators
import TensorTypes

/// Each item of a schedule as a launch that states what it touches.
extension Launch {
  /// Operations that one kernel computes row by row.
  init(
    _ group: FusionGroup, at position: Int, _ lowered: LoweredGraph, isStored: @escaping (Graph.Value) -> Bool
  ) {
    let assembly = KernelAssembly(group, lowered, isStored: isStored)
    let patterns = assembly.kernel.accessPatterns
    let accesses = assembly.values.indices.map { index in
      let use: Access.Use = assembly.kernel.buffers[index].isWritten ? .write : .read
      return Access(stored: Stored(assembly.values[index]), use: use, pattern: patterns[index])
    }
    self.init(
      body: .nest(assembly.kernel), accesses: accesses, operations: group.members, role: group.role, position: position)
    recomputedFlops = lowered.recomputedFlops(self, assembly.kernel.flops)
  }

  /// A product of two operands that are affine in memory.
  init(productOf identifier: Graph.OperationID, _ axes: DotAxes, at position: Int, _ lowered: LoweredGraph) {
    let operation = lowered.graph[identifier]
    let product = ProductAssembly(operation, axes, lowered)
    self.init(
      body: .product(product.contraction), accesses: product.accesses, operations: [identifier],
      role: operation.annotation.role, position: position)
    recomputedFlops = lowered.recomputedFlops(self, product.contraction.flops)
  }

  /// Work on rows that no loop nest does.
  init(_ identifier: Graph.OperationID, _ work: RowWork, at position: Int, _ lowered: LoweredGraph) {
    let operation = lowered.graph[identifier]
    let whole = AccessPattern(walks: nil, moments: 0...1)
    let operands = operation.operands.map { Stored(lowered.root($0)) }
    let use: Access.Use = work.updatesFirstOperand ? .update(of: operands[0]) : .write
    let read = operands.dropFirst(work.updatesFirstOperand ? 1 : 0)
    self.init(
      body: .rows(work),
      accesses: [Access(stored: Stored(operation.results[0]), use: use, pattern: whole)]
        + read.map { Access(stored: $0, use: .read, pattern: whole) }, operations: [identifier],
      role: operation.annotation.role, position: position)
  }
}

extension LoweredGraph {
  /// What of a launch computes again what the forward part knew; all of one that does nothing else counts by its role.
  fileprivate func recomputedFlops(_ launch: Launch, _ flops: Int) -> Int {
    guard launch.role == .backward else { return 0 }
    let recomputed = launch.operations.filter { graph[$0].annotation.role == .recompute }.reduce(0) { total, member in
      switch lowering(member) {
      case .map(let expression)?:
        total + expression.flops * graph.type(of: graph[member].results[0]).elementCount
      case .reduce(let extents, _, _, let expression)?: total + (expression.flops + 1) * extents.reduce(1, *)
      default: total
      }
    }
    return min(recomputed, flops)
  }
}
