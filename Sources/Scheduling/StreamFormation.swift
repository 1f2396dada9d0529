import GraphIR
import KernelIR

/// Finds kernels over the same rows that one launch can take tile by tile (DESIGN.md, section 7).
///
/// A group begins with a product, or with the kernel that computes its left operand. What follows joins if it reads a value
/// of the group, row by row, and nothing that kernels between them compute. It then runs where the group begins.
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
    guard let rowCount = rowCount(at: start, nodes) else { return nil }
    var growing = GrowingGroup(rowCount: rowCount, lowered)
    growing.add(nodes[start])
    var members = [start]
    for index in (start + 1)..<max(start + 1, min(nodes.count, start + Self.reach)) where !taken.contains(index) {
      if case .loop = nodes[index] { break }
      if members.count < Self.memberLimit, isWorthwhile(nodes[index], growing), growing.accepts(nodes[index]) {
        growing.add(nodes[index])
        members.append(index)
      } else {
        growing.pass(nodes[index])
      }
    }
    return members.count > 1 ? (growing.finished(workerCount: workerCount, limits, touches), members) : nil
  }

  private func rowCount(at start: Int, _ nodes: [Timeline.Node]) -> Int? {
    switch nodes[start] {
    case .contraction(_, let product, _): return isSuitable(product) ? product.contraction.rowCount : nil
    case .kernel(let kernel):
      for node in nodes[(start + 1)...].prefix(Self.reach) {
        guard case .contraction(_, let product, _) = node, isSuitable(product),
          kernel.assembled.stores[product.left.value] != nil
        else { continue }
        return product.contraction.rowCount
      }
      return nil
    default: return nil
    }
  }

  private func isSuitable(_ product: AssembledContraction) -> Bool {
    let contraction = product.contraction
    return contraction.elementType == .float32 && contraction.goesByRows && contraction.rowCount >= limits.fewestRows
      && contraction.flops >= limits.fewestFlops && contraction.packedByteCount <= limits.packedByteCount
  }

  private func isWorthwhile(_ node: Timeline.Node, _ growing: GrowingGroup) -> Bool {
    guard case .contraction(_, let product, _) = node else { return true }
    return isSuitable(product)
      && growing.packedByteCount + product.contraction.packedByteCount <= limits.packedByteCount
  }
}

/// When kernels share a launch, and how large their tiles are.
public struct StreamLimits: Sendable {
  /// Rows of a group; with fewer, packing products' operands costs more than a group saves.
  public var fewestRows = 256
  /// Multiplications and additions of a product.
  public var fewestFlops = 1 << 18
  /// Bytes of the packed operands of a group: with a tile they fit an L2 cache of 1 MiB. Larger groups were no faster.
  public var packedByteCount = 640 << 10
  /// Bytes of what members compute of a tile, together.
  public var tileByteCount = 384 << 10

  public init() {}
}

/// A group to which nodes are added.
private struct GrowingGroup {
  private let rowCount: Int
  private let lowered: LoweredGraph
  private var members: [Timeline.Node] = []
  /// What members compute row by row.
  private var computed: Set<Graph.Value> = []
  /// What only later launches may read.
  private var blocked: Set<Graph.Value> = []
  private(set) var packedByteCount = 0

  init(rowCount: Int, _ lowered: LoweredGraph) {
    self.rowCount = rowCount
    self.lowered = lowered
  }

  mutating func add(_ node: Timeline.Node) {
    members.append(node)
    if case .contraction(_, let product, _) = node { packedByteCount += product.contraction.packedByteCount }
    for value in node.written {
      if node.keepsRowsApart(value, rowCount, lowered.graph) { computed.insert(value) } else { blocked.insert(value) }
    }
  }

  /// Notes that a node stays behind.
  mutating func pass(_ node: Timeline.Node) { blocked.formUnion(node.written) }

  func accepts(_ node: Timeline.Node) -> Bool {
    guard let first = members.first, first.role(lowered.graph).sharesLaunches(with: node.role(lowered.graph)),
      node.touched.allSatisfy({ !blocked.contains($0) })
    else { return false }
    if case .contraction(_, let product, _) = node {
      guard product.contraction.rowCount == rowCount, !computed.contains(product.right.value) else { return false }
    }
    let shared = node.touched.filter(computed.contains)
    return node.read.contains(where: computed.contains)
      && shared.allSatisfy { node.keepsRowsApart($0, rowCount, lowered.graph) }
  }

  func finished(workerCount: Int, _ limits: StreamLimits, _ touches: ValueTouches) -> StreamedNode {
    let locals = computed.filter { value in members.count { $0.touched.contains(value) } == touches.count(value) }
      .sorted { $0.index < $1.index }
    let rowByteCount = computed.reduce(0) { $0 + lowered.graph.type(of: $1).byteCount } / rowCount
    let panels = StreamedGroup.panelCount(rowCount: rowCount)
    let fitting = limits.tileByteCount / max(1, rowByteCount * StreamedGroup.panelRows)
    return StreamedNode(
      position: members[0].position, members: members, rowCount: rowCount, locals: locals,
      tilePanelCount: max(1, min(fitting, panels / workerCount)))
  }
}

/// How many kernels, products and borders of loops touch a value.
struct ValueTouches {
  private var counts: [Graph.Value: Int] = [:]

  init(_ nodes: [Timeline.Node], _ lowered: LoweredGraph) {
    add(nodes, lowered)
    for result in lowered.graph.results { counts[lowered.root(result), default: 0] += 1 }
  }

  func count(_ value: Graph.Value) -> Int { counts[value] ?? 0 }

  private mutating func add(_ nodes: [Timeline.Node], _ lowered: LoweredGraph) {
    for node in nodes {
      switch node {
      case .kernel, .contraction, .streamed: add(node.touched)
      case .scatter(_, let identifier):
        let operation = lowered.graph[identifier]
        add((operation.operands + operation.results).map(lowered.root))
      case .loop(let node):
        add(node.body, lowered)
        let loop = node.loop
        add((loop.initialCarries + loop.stackedInputs + loop.nextCarries + loop.stackedOutputs).map(lowered.root))
      }
    }
  }

  private mutating func add(_ values: [Graph.Value]) {
    for value in Set(values) { counts[value, default: 0] += 1 }
  }
}
