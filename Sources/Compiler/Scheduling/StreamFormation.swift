import GraphIR
import KernelIR

/// Finds kernels over the same rows that one launch can take tile by tile.
///
/// A group begins with a product, or with the kernel that computes an operand of it. What follows joins if it reads a value
/// of the group, row by row, or computes an operand for such a product; it may read nothing that kernels between them
/// compute. It then runs where the group begins.
struct StreamFormation {
  private let lowered: LoweredGraph
  private let team: Team
  private let limits: StreamLimits
  /// How many launches and borders of loops touch a value.
  private let touchCounts: [Stored: Int]

  private var products: any ProductTarget { team.target.products }

  private static let memberLimit = 16
  /// Kernels between members: moving one farther would keep its results for long.
  private static let reach = 12

  static func formed(
    _ nodes: [Timeline.Node], _ lowered: LoweredGraph, _ team: Team, _ limits: StreamLimits
  ) -> [Timeline.Node] {
    var counts: [Stored: Int] = [:]
    for result in lowered.graph.results { counts[Stored(lowered.root(result)), default: 0] += 1 }
    count(nodes, lowered, &counts)
    return StreamFormation(lowered: lowered, team: team, limits: limits, touchCounts: counts)
      .formed(nodes)
  }

  private static func count(_ nodes: [Timeline.Node], _ lowered: LoweredGraph, _ counts: inout [Stored: Int]) {
    for node in nodes {
      switch node {
      case .launch(let launch):
        for value in Set(launch.touched) { counts[value, default: 0] += 1 }
      case .loop(let node):
        count(node.body, lowered, &counts)
        let loop = node.loop
        let values = loop.initialCarries + loop.stackedInputs + loop.nextCarries + loop.stackedOutputs
        for value in Set(values.map(lowered.root)) { counts[Stored(value), default: 0] += 1 }
      }
    }
  }

  private func formed(_ nodes: [Timeline.Node]) -> [Timeline.Node] {
    var result: [Timeline.Node] = []
    var taken: Set<Int> = []
    for index in nodes.indices where !taken.contains(index) {
      if case .loop(var loop) = nodes[index] {
        let whole = RowLoopFormation(loop, lowered, team, limits).body { touchCounts[$0] ?? 0 }
        loop.body = whole.map { [.launch($0)] } ?? formed(loop.body)
        result.append(.loop(loop))
      } else if let (group, members) = group(at: index, nodes, taken) {
        taken.formUnion(members)
        result.append(.launch(group))
      } else {
        result.append(nodes[index])
      }
    }
    return result
  }

  /// The group that begins at a node, with the positions of its members.
  private func group(at start: Int, _ nodes: [Timeline.Node], _ taken: Set<Int>) -> (Launch, [Int])? {
    guard let product = firstProduct(from: start, nodes) else { return nil }
    let groups = rowCounts(product).map { group(of: $0, isBatched: product.isBatched, at: start, nodes, taken) }
    // The finer, the less a tile holds.
    guard let most = groups.map(\.members.count).max(), most > 1 else { return nil }
    return groups.first { $0.members.count == most }.map {
      ($0.group.finished(workerCount: team.workerCount, limits) { touchCounts[$0] ?? 0 }, $0.members)
    }
  }

  private func group(
    of rowCount: Int, isBatched: Bool, at start: Int, _ nodes: [Timeline.Node], _ taken: Set<Int>
  ) -> (group: GrowingGroup, members: [Int]) {
    var growing = GrowingGroup(rowCount: rowCount, isBatched: isBatched, lowered.graph, products)
    guard case .launch(let first) = nodes[start], growing.begins(with: first) else { return (growing, []) }
    growing.add(first)
    var members = [start]
    for index in (start + 1)..<max(start + 1, min(nodes.count, start + Self.reach)) where !taken.contains(index) {
      guard case .launch(let launch) = nodes[index] else { break }
      if members.count < Self.memberLimit, isWorthwhile(launch, growing), growing.accepts(launch),
        growing.reads(launch) || feeds(launch, launches(after: index, nodes), growing)
      {
        growing.add(launch)
        members.append(index)
      } else {
        growing.pass(launch)
      }
    }
    return (growing, members)
  }

  /// Launches that follow a node of the same region, as far as a group reaches.
  private func launches(after index: Int, _ nodes: [Timeline.Node]) -> [Launch] {
    nodes[(index + 1)...].prefix(Self.reach).compactMap { if case .launch(let launch) = $0 { launch } else { nil } }
  }

  /// Whether a kernel computes rows of an operand of a product that the group may take.
  private func feeds(_ launch: Launch, _ later: [Launch], _ growing: GrowingGroup) -> Bool {
    guard launch.isNest else { return false }
    let rows = launch.written.filter { growing.keepsRowsApart($0, of: launch) }
    return later.contains { other in
      other.product != nil && isWorthwhile(other, growing) && growing.divides(other)
        && other.dividedOperands.contains(where: rows.contains)
    }
  }

  /// The product at a node, or the first one of which it computes an operand that rows divide.
  private func firstProduct(from start: Int, _ nodes: [Timeline.Node]) -> Contraction? {
    guard case .launch(let launch) = nodes[start] else { return nil }
    if let product = launch.product { return isSuitable(product) ? product : nil }
    guard launch.isNest else { return nil }
    return launches(after: start, nodes).first { other in
      other.product.map(isSuitable) == true && other.dividedOperands.contains(where: launch.written.contains)
    }?.product
  }

  private func isSuitable(_ product: Contraction) -> Bool {
    guard product.elementType == .float32 else { return false }
    // Nothing is packed for matrices, so that each launch that is saved is a gain.
    if product.isBatched { return !rowCounts(product).isEmpty }
    return product.flops >= limits.fewestFlops && !rowCounts(product).isEmpty && products.goesByRows(product)
      && products.packedByteCount(product) <= limits.packedByteCount
  }

  /// Divisions of a product into enough rows.
  private func rowCounts(_ product: Contraction) -> [Int] {
    let fewest = product.isBatched ? limits.fewestMatrices * team.workerCount : limits.fewestRows
    return product.rowCounts.filter { $0 >= fewest }
  }

  private func isWorthwhile(_ launch: Launch, _ growing: GrowingGroup) -> Bool {
    guard let product = launch.product else { return true }
    return isSuitable(product)
      && growing.packedByteCount + products.groupPackedByteCount(product) <= limits.packedByteCount
  }
}
