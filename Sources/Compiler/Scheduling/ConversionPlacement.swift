import GraphIR
import KernelIR

/// Gives products of groups their right operands in panels, and places the launches that make panels: before the outermost
/// loop in which the operand does not change, or else before the group. So the depth of a recursion adds no packing of a
/// weight. Other products of few rows get theirs from before a loop in which the operand does not change. Panels that were made before are used again where `keeps` finds them worth their memory until then.
struct ConversionPlacement {
  private let graph: Graph
  private let products: any ProductTarget
  /// Whether products outside of groups read panels, too.
  private let isForAll: Bool
  /// Whether panels of so many bytes are kept from one use to the next, at the positions between.
  private let keeps: (Int, Range<Int>) -> Bool
  /// Panels in memory by the nesting of loops, and the positions up to which they are used; those of another generation are
  /// found by their first.
  private var visible: [[Stored: (panels: Stored, end: Int)]] = [[:]]
  /// Products whose right operands are converted before each of the loops around, and before the launch at hand.
  private var open: [[Launch]] = []

  /// - Parameter keeps: asked where panels could be used again.
  static func placed(
    _ nodes: [Timeline.Node], _ graph: Graph, _ target: Target, keeps: @escaping (Int, Range<Int>) -> Bool
  ) -> [Timeline.Node] {
    var placement = ConversionPlacement(graph, target, keeps: keeps)
    return placement.placed(nodes, path: [])
  }

  private init(_ graph: Graph, _ target: Target, keeps: @escaping (Int, Range<Int>) -> Bool) {
    (self.graph, products, self.keeps) = (graph, target.products, keeps)
    isForAll = target.streams != nil
  }

  private mutating func placed(_ nodes: [Timeline.Node], path: [Timeline.LoopNode]) -> [Timeline.Node] {
    nodes.flatMap { node -> [Timeline.Node] in
      open.append([])
      switch node {
      case .loop(var loop):
        visible.append([:])
        loop.body = placed(loop.body, path: path + [loop])
        visible.removeLast()
        return conversion(at: loop.begin) + [.loop(loop)]
      case .launch(var launch):
        if case .group(var group) = launch.body {
          for index in group.members.indices { usePanels(&group.members[index], path, at: launch.position) }
          launch.body = .group(group)
          launch.accesses = group.accesses
        }
        if let product = launch.product { readPanels(&launch, product, path) }
        return conversion(at: launch.position) + [.launch(launch)]
      }
    }
  }

  /// Lets a product of few rows read a right operand in panels that no iteration changes.
  private mutating func readPanels(_ launch: inout Launch, _ product: Contraction, _ path: [Timeline.LoopNode]) {
    guard isForAll, path.outermost(keeping: launch.accesses[1].stored.value, graph) != nil,
      let panelled = products.readingPanels(product)
    else { return }
    usePanels(&launch, path, at: launch.position)
    launch.body = .product(panelled)
  }

  /// Lets a product read its right operand in panels.
  private mutating func usePanels(_ member: inout Launch, _ path: [Timeline.LoopNode], at position: Int) {
    guard let product = member.product, !product.isBatched else { return }
    let right = member.accesses[1]
    var panels = Panels(product, offset: right.offset, byteCount: products.packedByteCount(product))
    let first = Stored(right.stored.value, .panels(panels))
    let depth = path.depth(of: right.stored.value, graph)
    let loop = path.outermost(keeping: right.stored.value, graph)
    let (begin, end) = (loop?.begin ?? position, loop?.end ?? position)
    var stored = first
    let known = visible[depth][first]
    if let known, known.end + 1 >= begin || keeps(panels.byteCount, (known.end + 1)..<begin) {
      stored = known.panels
    } else {
      if case .panels(let last)? = known?.panels.layout { panels.generation = last.generation + 1 }
      stored = Stored(right.stored.value, .panels(panels))
      var conversion = member
      conversion.accesses[2] = Access(stored: stored, use: .write, pattern: AccessPattern(walks: nil, moments: 0...1))
      open[depth].append(conversion)
    }
    visible[depth][first] = (stored, end)
    member.accesses[1] = Access(
      stored: stored, use: .read, pattern: AccessPattern(walks: nil, moments: right.pattern.moments))
  }

  /// One launch for all that is converted at a place.
  private mutating func conversion(at position: Int) -> [Timeline.Node] {
    let products = open.removeLast()
    guard let first = products.first else { return [] }
    return [
      .launch(
        Launch(
          body: .packing(PackedOperands(products: products.compactMap(\.product))),
          accesses: products.flatMap { $0.accesses[1...2] }, operations: products.flatMap(\.operations),
          role: first.role, position: position))
    ]
  }
}
