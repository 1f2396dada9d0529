import GraphIR
import KernelIR

/// Finds loops whose iterations mix no rows: what one computes of a row, it computes of that row of what was before. One launch
/// then does a whole loop. Each worker takes rows of its own through all iterations, waits for nobody between them, and has
/// states and what passes from kernel to kernel in its cache.
///
/// Rows are those of batches as a rule: sequences, heads, or elements.
struct RowLoopFormation {
  private let node: Timeline.LoopNode
  private let lowered: LoweredGraph
  private let team: Team
  private let limits: StreamLimits

  private var graph: Graph { lowered.graph }
  private var products: any ProductTarget { team.target.products }
  /// More kernels than this in one function take long to compile.
  private static let memberLimit = 32
  /// Each worker moves so many addresses in every iteration.
  private static let accessLimit = 128

  init(_ node: Timeline.LoopNode, _ lowered: LoweredGraph, _ team: Team, _ limits: StreamLimits) {
    (self.node, self.lowered, self.team, self.limits) = (node, lowered, team, limits)
  }

  /// The body as one launch; nil where iterations mix rows, or rows are few.
  ///
  /// - Parameter touchCount: how many launches and borders of loops touch a value.
  func body(touchCount: (Stored) -> Int) -> Launch? {
    let launches = node.body.compactMap { if case .launch(let launch) = $0 { launch } else { nil } }
    guard launches.count == node.body.count, (1...Self.memberLimit).contains(launches.count),
      launches.reduce(0, { $0 + $1.accesses.count }) <= Self.accessLimit, launches.allSatisfy(isSuitable),
      packedByteCount(launches) <= limits.packedByteCount
    else { return nil }
    let moving = Set((node.loop.carries + launches.flatMap(\.written).map(\.value)).map { Stored(lowered.root($0)) })
    return rowCounts(launches).first { goesByRows(launches, $0, moving) }.map {
      group(launches, $0, touchCount)
    }
  }

  /// Whether a launch can be a part of a group in a loop.
  private func isSuitable(_ launch: Launch) -> Bool {
    // All workers would have one number of the iteration.
    if launch.touched.contains(Stored(node.loop.stepIndex)) { return false }
    switch launch.body {
    case .nest: return true
    case .product(let product):
      guard product.elementType == .float32 else { return false }
      return product.isBatched || products.goesByRows(product) && !changes(launch.accesses[1].stored.value)
    case .rows, .packing, .group: return false
    }
  }

  /// Whether each iteration has its own value, which would have to be packed there.
  private func changes(_ value: Graph.Value) -> Bool { graph[value].region == node.loop.region }

  private func packedByteCount(_ launches: [Launch]) -> Int {
    launches.compactMap(\.product).reduce(0) { $0 + products.groupPackedByteCount($1) }
  }

  /// Into how many rows kernels can be divided, the most first: the more, the less a worker holds.
  private func rowCounts(_ launches: [Launch]) -> [Int] {
    var counts: Set<Int> = []
    for launch in launches {
      if case .nest(let kernel) = launch.body {
        var count = 1
        for extent in kernel.sharedExtents {
          count *= extent
          counts.insert(count)
        }
      } else if let product = launch.product {
        counts.formUnion(product.rowCounts)
      }
    }
    return counts.sorted(by: >)
  }

  private func panelRows(_ launches: [Launch]) -> Int {
    launches.contains { $0.product?.isBatched == false } ? products.panelRowCount : 1
  }

  /// - Parameter moving: what passes between kernels or iterations.
  private func goesByRows(_ launches: [Launch], _ rowCount: Int, _ moving: Set<Stored>) -> Bool {
    let panelRows = panelRows(launches)
    guard rowCount >= limits.fewestMatrices * team.workerCount, isEven(rowCount, panelRows) else { return false }
    let borders = node.loop.carries + node.loop.nextCarries + node.loop.stackedOutputs
    guard borders.allSatisfy({ graph.type(of: $0).elementCount % rowCount == 0 }) else { return false }
    return launches.allSatisfy { launch in
      if let product = launch.product {
        guard product.rowCounts.contains(rowCount), product.isBatched == (panelRows == 1) else { return false }
      }
      return !launch.written.isEmpty
        && launch.touched.filter(moving.contains).allSatisfy { launch.keepsRowsApart($0, rowCount, graph) }
    }
  }

  /// Whether the worker with the most rows has hardly more than the others: nobody can help it with its last ones.
  private func isEven(_ rowCount: Int, _ panelRows: Int) -> Bool {
    let panelCount = (rowCount + panelRows - 1) / panelRows
    let most = (panelCount + team.workerCount - 1) / team.workerCount * panelRows
    return panelCount >= team.workerCount
      && Double(most * team.workerCount) <= Double(rowCount) * limits.mostImbalance
  }

  private func group(_ launches: [Launch], _ rowCount: Int, _ touchCount: (Stored) -> Int) -> Launch {
    let computed = Set(launches.flatMap(\.written))
    let locals = computed.filter { value in launches.count { $0.touched.contains(value) } == touchCount(value) }
    var group = LaunchGroup(
      members: launches, rowCount: rowCount, panelRows: panelRows(launches),
      locals: locals.sorted { $0.value.index < $1.value.index }, tilePanelCount: 1)
    group.iterations = node.loop.expectedCount.map { Int($0.rounded(.up)) } ?? node.loop.count
    let rowByteCount = computed.reduce(0) { $0 + graph.byteCount(of: $1) } / rowCount
    let most = max(1, group.panelCount / team.workerCount)
    // Panels of weights are read once for a tile.
    let fitting = group.panelRows > 1 ? most : limits.loopTileByteCount / max(1, rowByteCount)
    let work = launches.map(team.work).reduce(0, OperationCount.sum) / group.panelCount
    let worthwhile = limits.fewestTileOperations / max(1, work)
    group.tilePanelCount = min(most, max(1, fitting, worthwhile))
    return Launch(group, graph)
  }
}
