import GraphIR
import KernelIR

/// A group to which launches are added.
struct GrowingGroup {
  private let rowCount: Int
  let panelRows: Int
  private let graph: Graph
  private let products: any ProductTarget
  private var members: [Launch] = []
  /// What members compute row by row.
  private var computed: Set<Stored> = []
  /// What only later launches may read.
  private var blocked: Set<Stored> = []
  private(set) var packedByteCount = 0

  init(rowCount: Int, isBatched: Bool, _ graph: Graph, _ products: any ProductTarget) {
    self.rowCount = rowCount
    panelRows = isBatched ? 1 : products.panelRowCount
    (self.graph, self.products) = (graph, products)
  }

  /// Whether a launch's work is divided evenly among the rows, so that a group may begin with it; what follows either reads
  /// rows, or computes rows that are read.
  func begins(with launch: Launch) -> Bool {
    launch.product != nil || launch.written.contains { keepsRowsApart($0, of: launch) }
  }

  mutating func add(_ launch: Launch) {
    members.append(launch)
    packedByteCount += launch.product.map(products.groupPackedByteCount) ?? 0
    for value in launch.written {
      if keepsRowsApart(value, of: launch), !blocked.contains(value) {
        computed.insert(value)
      } else {
        blocked.insert(value)
      }
    }
  }

  /// Notes that a launch stays behind.
  mutating func pass(_ launch: Launch) { blocked.formUnion(launch.written) }

  /// Whether a launch may run where the group begins, row by row.
  func accepts(_ launch: Launch) -> Bool {
    guard let first = members.first, first.role.sharesLaunches(with: launch.role),
      launch.read.allSatisfy({ !blocked.contains($0) }), launch.product == nil || divides(launch)
    else { return false }
    return launch.touched.filter(computed.contains).allSatisfy { keepsRowsApart($0, of: launch) }
  }

  /// Whether a launch reads what members compute; or, as a product of matrices, what they read.
  func reads(_ launch: Launch) -> Bool {
    if launch.read.contains(where: computed.contains) { return true }
    guard let product = launch.product, product.isBatched else { return false }
    return launch.dividedOperands.contains { operand in members.contains { $0.read.contains(operand) } }
  }

  /// Whether a product has the group's rows.
  func divides(_ launch: Launch) -> Bool {
    guard let product = launch.product else { return false }
    return product.rowCounts.contains(rowCount) && product.isBatched == (panelRows == 1)
      && (product.isBatched || !computed.contains(launch.accesses[1].stored))
  }

  func keepsRowsApart(_ value: Stored, of launch: Launch) -> Bool {
    launch.keepsRowsApart(value, rowCount, graph)
  }

  func finished(workerCount: Int, _ limits: StreamLimits, touchCount: (Stored) -> Int) -> Launch {
    let locals = computed.filter { value in members.count { $0.touched.contains(value) } == touchCount(value) }
    var group = LaunchGroup(
      members: members, rowCount: rowCount, panelRows: panelRows,
      locals: locals.sorted { $0.value.index < $1.value.index }, tilePanelCount: 1)
    let rowByteCount = computed.reduce(0) { $0 + graph.byteCount(of: $1) } / rowCount
    let fitting = limits.tileByteCount / max(1, rowByteCount * panelRows)
    group.tilePanelCount = max(1, min(fitting, group.panelCount / workerCount))
    return Launch(group, graph)
  }
}

extension ProductTarget {
  /// Bytes that a group packs for a product before.
  func groupPackedByteCount(_ product: Contraction) -> Int { product.isBatched ? 0 : packedByteCount(product) }
}
