import GraphIR
import KernelIR

/// The workers that run a program on a processor, and how they divide launches.
struct Team {
  var workerCount: Int
  var target: Target
  var graph: Graph

  /// Into how many parts a launch is divided, at least one for every worker; 1 where it is too small to divide.
  func shares(_ launch: Launch) -> Int {
    switch launch.body {
    case .nest(let kernel): shares(kernel)
    case .product(let product):
      product.flops < target.parallelThreshold * 8
        ? 1 : shares(of: target.products.shareCount(product, workerCount: workerCount))
    case .rows(let work):
      work.elementCount < target.parallelThreshold || work.partCount == 1 ? 1 : workerCount
    case .packing:
      launch.written.reduce(0) { $0 + graph.byteCount(of: $1) } < target.parallelThreshold ? 1 : workerCount
    case .group(let group): shares(group)
    }
  }

  /// Bytes of memory that workers use for themselves.
  func scratchByteCount(_ launch: Launch) -> Int {
    let shares = shares(launch)
    let running = shares == 1 ? 1 : workerCount
    switch launch.body {
    case .product(let product):
      return target.products.scratchByteCount(product, workerCount: running, shareCount: shares)
    case .group(let group):
      return group.function(graph, target, shares: shares).scratch.byteCount(workerCount: running)
    case .rows(let work): return work.scratchByteCount * running
    case .nest, .packing: return 0
    }
  }

  /// In units of what the threshold counts; operations of products are so much cheaper.
  func work(_ launch: Launch) -> Int {
    if case .nest(let kernel) = launch.body { return OperationCount.sum(kernel.flops, kernel.elementCount) }
    return launch.flops / 8
  }

  private func shares(_ kernel: Kernel) -> Int {
    let work = OperationCount.sum(kernel.flops, kernel.elementCount)
    if work < target.parallelThreshold { return 1 }
    // Blocks of rows that go through columns together are not cut.
    return kernel.reducesAcrossRows ? workerCount : shares(of: work / (2 * target.parallelThreshold))
  }

  /// Tiles, or smaller parts where tiles are few.
  private func shares(_ group: LaunchGroup) -> Int {
    let work = group.members.map(self.work).reduce(0, OperationCount.sum)
    if let iterations = group.iterations { return shares(group, of: work, iterations) }
    guard work >= target.parallelThreshold, group.tilePanelCount * workerCount <= group.panelCount else { return 1 }
    let tiles = (group.panelCount + group.tilePanelCount - 1) / group.tilePanelCount
    return shares(of: min(group.panelCount, max(tiles, workerCount * target.sharesPerWorker.lowerBound)))
  }

  /// Of a loop that workers go through by themselves: tiles, or smaller parts where tiles are few, so that whoever is ready can
  /// help; but each part is worth its launch in every iteration, and reads all panels of weights.
  private func shares(_ group: LaunchGroup, of work: Int, _ iterations: Int) -> Int {
    if OperationCount.product([work, iterations]) < target.parallelThreshold { return 1 }
    let tiles = (group.panelCount + group.tilePanelCount - 1) / group.tilePanelCount
    let some = group.panelRows > 1 ? 1 : (target.sharesPerWorker.lowerBound + 1) / 2
    let parts = max(tiles, workerCount == 1 ? 1 : workerCount * some)
    let worthwhile = work / max(1, target.streams?.fewestTileOperations ?? 1)
    let shares = min(group.panelCount, parts, worthwhile)
    // Every worker fills its part of the scratch.
    return shares < workerCount ? 1 : shares
  }

  private func shares(of parts: Int) -> Int {
    workerCount == 1 ? 1 : min(max(parts, workerCount), workerCount * target.sharesPerWorker.upperBound)
  }
}
