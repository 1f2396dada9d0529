import GraphIR
import KernelIR

/// Gives products their right operands in panels, those of groups and those of loops in which the operand does not change,
/// and places the launches that make panels: before the outermost loop in which the operand does not change, or else before
/// the group. So the depth of a recursion adds no packing of a weight. Panels that were made before are used again where
/// `keeps` finds them worth their memory until then.
struct ConversionPlacement {
  private let team: Team
  /// Whether memory is kept for panels.
  private let keeps: (Request) -> Bool
  /// Panels in memory by the nesting of loops, and the positions up to which they are used; those of another generation are
  /// found by their first.
  private var visible: [[Stored: (panels: Stored, end: Int)]] = [[:]]
  /// Products whose right operands are converted before each of the loops around, and before the launch at hand.
  private var open: [[Launch]] = []

  /// Bytes that panels would take at positions of the timeline, and those of scratch that a launch would no longer need.
  struct Request {
    var byteCount: Int
    var positions: Range<Int>
    var freed: (position: Int, byteCount: Int)?
  }

  private var graph: Graph { team.graph }
  private var products: any ProductTarget { team.target.products }

  /// - Parameter keeps: asked where panels could be used again, or spare a loop its own packing.
  static func placed(
    _ nodes: [Timeline.Node], _ team: Team, keeps: @escaping (Request) -> Bool
  ) -> [Timeline.Node] {
    var placement = ConversionPlacement(team, keeps)
    return placement.placed(nodes, path: [])
  }

  private init(_ team: Team, _ keeps: @escaping (Request) -> Bool) { (self.team, self.keeps) = (team, keeps) }

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
        } else {
          usePanelsOfLoop(&launch, path)
        }
        return conversion(at: launch.position) + [.launch(launch)]
      }
    }
  }

  /// Lets a product that would pack its right operand in every iteration find it packed before the loop, where there is room.
  private mutating func usePanelsOfLoop(_ launch: inout Launch, _ path: [Timeline.LoopNode]) {
    guard team.target.streams != nil, let product = launch.product, product.elementType == .float32,
      let panelled = product.withRightInPanels(columnCount: products.panelColumnCount), products.goesByRows(product),
      let loop = path.outermost(keeping: launch.accesses[1].stored.value, graph)
    else { return }
    var converted = launch
    converted.body = .product(panelled)
    let freed = team.scratchByteCount(launch) - team.scratchByteCount(converted)
    let request = Request(
      byteCount: products.packedByteCount(product), positions: loop.begin..<loop.end + 1,
      freed: (launch.position, freed))
    guard freed > 0, areVisible(launch, until: loop.end, path) || keeps(request) else { return }
    usePanels(&launch, path, at: launch.position)
    launch.body = converted.body
  }

  /// Whether the panels of a product's right operand are in memory up to a position anyway.
  private func areVisible(_ launch: Launch, until end: Int, _ path: [Timeline.LoopNode]) -> Bool {
    guard let product = launch.product else { return false }
    let right = launch.accesses[1]
    let panels = Panels(product, offset: right.offset, byteCount: products.packedByteCount(product))
    let known = visible[path.depth(of: right.stored.value, graph)][Stored(right.stored.value, .panels(panels))]
    return known.map { $0.end >= end } ?? false
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
    if let known,
      known.end + 1 >= begin || keeps(Request(byteCount: panels.byteCount, positions: (known.end + 1)..<begin))
    {
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
