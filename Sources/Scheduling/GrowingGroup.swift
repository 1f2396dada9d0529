import GraphIR
import KernelIR

/// A group to which nodes are added.
struct GrowingGroup {
  private let rowCount: Int
  let panelRows: Int
  private let lowered: LoweredGraph
  private var members: [Timeline.Node] = []
  /// What members compute row by row.
  private var computed: Set<Graph.Value> = []
  /// What only later launches may read.
  private var blocked: Set<Graph.Value> = []
  private(set) var packedByteCount = 0

  init(rowCount: Int, isBatched: Bool, _ lowered: LoweredGraph) {
    self.rowCount = rowCount
    panelRows = isBatched ? 1 : StreamedGroup.productRows
    self.lowered = lowered
  }

  /// Whether a node's work is divided evenly among the rows, so that a group may begin with it; what follows either reads
  /// rows, or computes rows that are read.
  func begins(with node: Timeline.Node) -> Bool {
    guard case .kernel = node else { return true }
    return node.written.contains { keepsRowsApart($0, of: node) }
  }

  mutating func add(_ node: Timeline.Node) {
    members.append(node)
    if case .contraction(_, let product, _) = node { packedByteCount += product.contraction.groupPackedByteCount }
    for value in node.written {
      if keepsRowsApart(value, of: node), !blocked.contains(value) {
        computed.insert(value)
      } else {
        blocked.insert(value)
      }
    }
  }

  /// Notes that a node stays behind.
  mutating func pass(_ node: Timeline.Node) {
    blocked.formUnion(node.written)
    if case .scatter(_, let identifier) = node {
      blocked.formUnion(lowered.graph[identifier].results.map(lowered.root))
    }
  }

  /// Whether a node may run where the group begins, row by row.
  func accepts(_ node: Timeline.Node) -> Bool {
    guard let first = members.first, first.role(lowered.graph).sharesLaunches(with: node.role(lowered.graph)),
      node.read.allSatisfy({ !blocked.contains($0) })
    else { return false }
    if case .contraction(_, let product, _) = node, !divides(product) { return false }
    return node.touched.filter(computed.contains).allSatisfy { keepsRowsApart($0, of: node) }
  }

  /// Whether a node reads what members compute; or, as a product of matrices, what they read.
  func reads(_ node: Timeline.Node) -> Bool {
    if node.read.contains(where: computed.contains) { return true }
    guard case .contraction(_, let product, _) = node, product.contraction.isBatched else { return false }
    return product.dividedOperands.contains { operand in members.contains { $0.read.contains(operand) } }
  }

  /// Whether a product has the group's rows.
  func divides(_ product: AssembledContraction) -> Bool {
    product.contraction.rowCounts.contains(rowCount) && product.contraction.isBatched == (panelRows == 1)
      && (product.contraction.isBatched || !computed.contains(product.right.value))
  }

  func keepsRowsApart(_ value: Graph.Value, of node: Timeline.Node) -> Bool {
    node.keepsRowsApart(value, rowCount, lowered.graph)
  }

  func finished(workerCount: Int, _ limits: StreamLimits, _ touches: ValueTouches) -> StreamedNode {
    let locals = computed.filter { value in members.count { $0.touched.contains(value) } == touches.count(value) }
      .sorted { $0.index < $1.index }
    var node = StreamedNode(
      position: members[0].position, members: members, rowCount: rowCount, panelRows: panelRows, locals: locals,
      tilePanelCount: 1)
    let rowByteCount = computed.reduce(0) { $0 + lowered.graph.type(of: $1).byteCount } / rowCount
    let fitting = limits.tileByteCount / max(1, rowByteCount * panelRows)
    node.tilePanelCount = max(1, min(fitting, node.panelCount / workerCount))
    return node
  }
}
