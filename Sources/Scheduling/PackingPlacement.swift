import GraphIR
import KernelIR

/// Right operands of products, packed together before the groups that read them.
struct PackingNode {
  /// Among all of a program.
  var number: Int
  var position: Int
  /// The position up to which packed operands are needed.
  var end: Int
  var parts: [Part] = []
  var byteCount = 0

  struct Part {
    var contraction: Contraction
    var operand: AssembledContraction.Operand
    var operation: Graph.OperationID
    var byteOffset: Int
  }

  /// Where a product of a group finds its right operand packed.
  struct Place {
    var packing: Int
    var byteOffset: Int
  }

  /// The place of a product's right operand; products that read the same one share it.
  mutating func place(_ product: AssembledContraction, _ operation: Graph.OperationID) -> Place {
    if let same = parts.first(where: { $0.isPacked(like: product) }) {
      return Place(packing: number, byteOffset: same.byteOffset)
    }
    let part = Part(
      contraction: product.contraction, operand: product.right, operation: operation, byteOffset: byteCount)
    parts.append(part)
    byteCount += (product.contraction.packedByteCount + 63) / 64 * 64
    return Place(packing: number, byteOffset: part.byteOffset)
  }

  var kernel: PackedOperands {
    PackedOperands(parts: parts.map { .init(contraction: $0.contraction, scratchOffset: $0.byteOffset) })
  }
}

extension PackingNode.Part {
  fileprivate func isPacked(like product: AssembledContraction) -> Bool {
    func layout(_ contraction: Contraction) -> [[Int]] {
      [contraction.columns, contraction.inner].map { $0.flatMap { [$0.extent, $0.rightStride] } }
    }
    return operand.value == product.right.value && operand.offset == product.right.offset
      && layout(contraction) == layout(product.contraction)
  }
}

/// Places the packing of right operands: before the outermost loop in which the operand does not change, or else before the
/// group. So weights are packed once, whatever the depth of a recursion.
struct PackingPlacement {
  private let graph: Graph
  private var count = 0
  /// What is packed before each of the loops around, the outermost first.
  private var open: [PackingNode] = []

  static func placed(_ nodes: [Timeline.Node], _ graph: Graph) -> [Timeline.Node] {
    var placement = PackingPlacement(graph: graph)
    return placement.placed(nodes, path: [])
  }

  private init(graph: Graph) { self.graph = graph }

  private mutating func placed(_ nodes: [Timeline.Node], path: [Timeline.LoopNode]) -> [Timeline.Node] {
    nodes.flatMap { node -> [Timeline.Node] in
      switch node {
      case .loop(var loop):
        open.append(packing(loop.begin...loop.end))
        loop.body = placed(loop.body, path: path + [loop])
        return before(open.removeLast()) + [.loop(loop)]
      case .streamed(let group): return placed(group, path)
      case .kernel, .contraction, .scatter, .packing: return [node]
      }
    }
  }

  private mutating func placed(_ group: StreamedNode, _ path: [Timeline.LoopNode]) -> [Timeline.Node] {
    var (group, own) = (group, packing(group.position...group.position))
    for (index, member) in group.members.enumerated() {
      guard case .contraction(_, let product, let operation) = member, !product.contraction.isBatched else { continue }
      let region = graph[product.right.value].region
      let depth = region == Graph.body ? 0 : (path.firstIndex { $0.loop.region == region } ?? 0) + 1
      group.packed[index] =
        depth < path.count ? open[depth].place(product, operation) : own.place(product, operation)
    }
    return before(own) + [.streamed(group)]
  }

  private mutating func packing(_ range: ClosedRange<Int>) -> PackingNode {
    defer { count += 1 }
    return PackingNode(number: count, position: range.lowerBound, end: range.upperBound)
  }

  private func before(_ packing: PackingNode) -> [Timeline.Node] {
    packing.parts.isEmpty ? [] : [.packing(packing)]
  }
}
