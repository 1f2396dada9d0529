import GraphIR
import KernelIR

/// Right operands of products, packed together before the groups that read them.
struct Packing {
  /// Among all of a program.
  var number: Int
  var position: Int
  /// The position up to which packed operands are needed.
  var end: Int
  var parts: [Part] = []
  var byteCount = 0

  struct Part {
    var contraction: Contraction
    /// The right operand.
    var access: Access
    var operation: Graph.OperationID
    var role: Graph.Role
    var byteOffset: Int
  }

  /// Where a product of a group finds its right operand packed.
  struct Place {
    var packing: Int
    var byteOffset: Int
  }

  /// The place of a product's right operand; products that read the same one share it.
  mutating func place(_ launch: Launch, _ product: Contraction, _ packedByteCount: Int) -> Place {
    let part = Part(
      contraction: product, access: launch.accesses[1], operation: launch.operations[0], role: launch.role,
      byteOffset: byteCount)
    if let same = parts.first(where: { $0.isPacked(like: part) }) {
      return Place(packing: number, byteOffset: same.byteOffset)
    }
    parts.append(part)
    byteCount += (packedByteCount + 63) / 64 * 64
    return Place(packing: number, byteOffset: part.byteOffset)
  }

  var function: PackedOperands {
    PackedOperands(parts: parts.map { .init(contraction: $0.contraction, scratchOffset: $0.byteOffset) })
  }
}

extension Packing.Part {
  fileprivate func isPacked(like other: Packing.Part) -> Bool {
    func layout(_ contraction: Contraction) -> [[Int]] {
      [contraction.columns, contraction.inner].map { $0.flatMap { [$0.extent, $0.rightStride] } }
    }
    return access.value == other.access.value && access.offset == other.access.offset
      && layout(contraction) == layout(other.contraction)
  }
}

/// Places the packing of right operands: before the outermost loop in which the operand does not change, or else before the
/// group. So weights are packed once, whatever the depth of a recursion.
struct PackingPlacement {
  private let graph: Graph
  private let products: any ProductTarget
  private var count = 0
  /// What is packed before each of the loops around, the outermost first.
  private var open: [Packing] = []

  static func placed(_ nodes: [Timeline.Node], _ graph: Graph, _ products: any ProductTarget) -> [Timeline.Node] {
    var placement = PackingPlacement(graph, products)
    return placement.placed(nodes, path: [])
  }

  private init(_ graph: Graph, _ products: any ProductTarget) { (self.graph, self.products) = (graph, products) }

  private mutating func placed(_ nodes: [Timeline.Node], path: [Timeline.LoopNode]) -> [Timeline.Node] {
    nodes.flatMap { node -> [Timeline.Node] in
      switch node {
      case .loop(var loop):
        open.append(packing(loop.begin...loop.end))
        loop.body = placed(loop.body, path: path + [loop])
        return before(open.removeLast()) + [.loop(loop)]
      case .launch(let launch):
        if case .group(let group) = launch.body { return placed(launch, group, path) }
        return [node]
      }
    }
  }

  private mutating func placed(
    _ launch: Launch, _ group: LaunchGroup, _ path: [Timeline.LoopNode]
  ) -> [Timeline.Node] {
    var (launch, group, own) = (launch, group, packing(launch.position...launch.position))
    for (index, member) in group.members.enumerated() {
      guard let product = member.product, !product.isBatched else { continue }
      let region = graph[member.accesses[1].value].region
      let depth = region == Graph.body ? 0 : (path.firstIndex { $0.loop.region == region } ?? 0) + 1
      let byteCount = products.packedByteCount(product)
      group.packed[index] =
        depth < path.count ? open[depth].place(member, product, byteCount) : own.place(member, product, byteCount)
    }
    launch.body = .group(group)
    return before(own) + [.launch(launch)]
  }

  private mutating func packing(_ range: ClosedRange<Int>) -> Packing {
    defer { count += 1 }
    return Packing(number: count, position: range.lowerBound, end: range.upperBound)
  }

  private func before(_ packing: Packing) -> [Timeline.Node] {
    guard let first = packing.parts.first else { return [] }
    return [
      .launch(
        Launch(
          body: .packing(packing), accesses: packing.parts.map(\.access), operations: packing.parts.map(\.operation),
          role: first.role, position: packing.position))
    ]
  }
}
