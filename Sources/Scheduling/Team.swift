import GraphIR
import KernelIR

/// The workers that run a program, and how they divide launches.
struct Team {
  var workerCount: Int

  /// Launches smaller than this many operations, or elements, are not worth waking the other workers.
  private static let parallelThreshold = 32_768
  /// Shares of a launch for each worker, so that whoever is ready first can help the others: as many as there are parts
  /// between these; a group makes its tiles smaller for the first.
  private static let sharesPerWorker = 8...16

  /// Into how many parts a launch is divided, at least one for every worker; 1 where it is too small to divide.
  func shares(_ launch: Launch) -> Int {
    switch launch.body {
    case .nest(let kernel): shares(kernel)
    case .product(let product):
      product.flops < Self.parallelThreshold * 8 ? 1 : shares(of: product.partCount(workerCount: workerCount))
    case .scatter: 1
    case .packing(let packing): packing.byteCount < Self.parallelThreshold ? 1 : workerCount
    case .group(let group): shares(group)
    }
  }

  /// Bytes of memory that workers use for themselves.
  func scratchByteCount(_ launch: Launch, _ graph: Graph) -> Int {
    let shares = shares(launch)
    let running = shares == 1 ? 1 : workerCount
    switch launch.body {
    case .product(let product): return product.scratchByteCount(workerCount: running, shareCount: shares)
    case .group(let group): return group.function(graph, shares: shares).scratch.byteCount(workerCount: running)
    case .nest, .scatter, .packing: return 0
    }
  }

  private func shares(_ kernel: Kernel) -> Int {
    let work = kernel.flops + kernel.rowCount * kernel.columnCount * kernel.buffers.count
    if work < Self.parallelThreshold { return 1 }
    // Blocks of rows that go through columns together are not cut.
    return kernel.reducesAcrossRows ? workerCount : shares(of: work / (2 * Self.parallelThreshold))
  }

  /// Tiles, or smaller parts where tiles are few.
  private func shares(_ group: LaunchGroup) -> Int {
    guard group.tilePanelCount * workerCount <= group.panelCount else { return 1 }
    let tiles = (group.panelCount + group.tilePanelCount - 1) / group.tilePanelCount
    return shares(of: min(group.panelCount, max(tiles, workerCount * Self.sharesPerWorker.lowerBound)))
  }

  private func shares(of parts: Int) -> Int {
    workerCount == 1 ? 1 : min(max(parts, workerCount), workerCount * Self.sharesPerWorker.upperBound)
  }
}
