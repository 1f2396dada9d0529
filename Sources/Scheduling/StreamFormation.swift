import GraphIR
import KernelIR

/// Finds kernels over the same rows that one launch can take tile by tile.
///
/// A group begins with a product, or with the kernel that computes an operand of it. What follows joins if it reads a value
/// of the group, row by row, or computes an operand for such a product; it may read nothing that kernels between them
/// compute. It then runs where the group begins.
struct StreamFormation {
  private let lowered: LoweredGraph
  private let workerCount: Int
  private let limits: StreamLimits
  private let touches: ValueTouches

  private static let memberLimit = 16
  /// Kernels between members: moving one farther would keep its results for long.
  private static let reach = 12

  static func formed(
    _ nodes: [Timeline.Node], _ lowered: LoweredGraph, workerCount: Int, _ limits: StreamLimits
  ) -> [Timeline.Node] {
    let touches = ValueTouches(nodes, lowered)
    return StreamFormation(lowered: lowered, workerCount: workerCount, limits: limits, touches: touches).formed(nodes)
  }

  private func formed(_ nodes: [Timeline.Node]) -> [Timeline.Node] {
    var result: [Timeline.Node] = []
    var taken: Set<Int> = []
    for index in nodes.indices where !taken.contains(index) {
      if case .loop(var loop) = nodes[index] {
        loop.body = formed(loop.body)
        result.append(.loop(loop))
      } else if let (group, members) = group(at: index, nodes, taken) {
        taken.formUnion(members)
        result.append(.streamed(group))
      } else {
        result.append(nodes[index])
      }
    }
    return result
  }

  /// The group that begins at a node, with the positions of its members.
  private func group(at start: Int, _ nodes: [Timeline.Node], _ taken: Set<Int>) -> (StreamedNode, [Int])? {
    guard let product = firstProduct(from: start, nodes) else { return nil }
    let groups = rowCounts(product).map { group(of: $0, isBatched: product.isBatched, at: start, nodes, taken) }
    // The finer, the less a tile holds.
    guard let most = groups.map(\.members.count).max(), most > 1 else { return nil }
    return groups.first { $0.members.count == most }.map {
      ($0.group.finished(workerCount: workerCount, limits, touches), $0.members)
    }
  }

  private func group(
    of rowCount: Int, isBatched: Bool, at start: Int, _ nodes: [Timeline.Node], _ taken: Set<Int>
  ) -> (group: GrowingGroup, members: [Int]) {
    var growing = GrowingGroup(rowCount: rowCount, isBatched: isBatched, lowered)
    guard growing.begins(with: nodes[start]) else { return (growing, []) }
    growing.add(nodes[start])
    var members = [start]
    for index in (start + 1)..<max(start + 1, min(nodes.count, start + Self.reach)) where !taken.contains(index) {
      if case .loop = nodes[index] { break }
      let node = nodes[index]
      if members.count < Self.memberLimit, isWorthwhile(node, growing), growing.accepts(node),
        growing.reads(node) || feeds(node, nodes[(index + 1)...].prefix(Self.reach), growing)
      {
        growing.add(node)
        members.append(index)
      } else {
        growing.pass(node)
      }
    }
    return (growing, members)
  }

  /// Whether a kernel computes rows of an operand of a product that the group may take.
  private func feeds(_ node: Timeline.Node, _ later: ArraySlice<Timeline.Node>, _ growing: GrowingGroup) -> Bool {
    guard case .kernel = node else { return false }
    let rows = node.written.filter { growing.keepsRowsApart($0, of: node) }
    return later.contains { other in
      guard case .contraction(_, let product, _) = other else { return false }
      return isWorthwhile(other, growing) && growing.divides(product)
        && product.dividedOperands.contains(where: rows.contains)
    }
  }

  /// The product at a node, or the first one of which it computes an operand that rows divide.
  private func firstProduct(from start: Int, _ nodes: [Timeline.Node]) -> Contraction? {
    switch nodes[start] {
    case .contraction(_, let product, _): return isSuitable(product.contraction) ? product.contraction : nil
    case .kernel(let kernel):
      for node in nodes[(start + 1)...].prefix(Self.reach) {
        guard case .contraction(_, let product, _) = node, isSuitable(product.contraction),
          product.dividedOperands.contains(where: { kernel.assembled.stores[$0] != nil })
        else { continue }
        return product.contraction
      }
      return nil
    default: return nil
    }
  }

  private func isSuitable(_ product: Contraction) -> Bool {
    guard product.elementType == .float32, product.flops >= limits.fewestFlops else { return false }
    return !rowCounts(product).isEmpty
      && (product.isBatched || product.goesByRows && product.packedByteCount <= limits.packedByteCount)
  }

  /// Divisions of a product into enough rows.
  private func rowCounts(_ product: Contraction) -> [Int] {
    let fewest = product.isBatched ? limits.fewestMatrices * workerCount : limits.fewestRows
    return product.rowCounts.filter { $0 >= fewest }
  }

  private func isWorthwhile(_ node: Timeline.Node, _ growing: GrowingGroup) -> Bool {
    guard case .contraction(_, let product, _) = node else { return true }
    return isSuitable(product.contraction)
      && growing.packedByteCount + product.contraction.groupPackedByteCount <= limits.packedByteCount
  }
}
