import GraphIR
import KernelIR

/// Launches that one launch takes tile by tile.
struct LaunchGroup {
  var members: [Launch]
  var rowCount: Int
  var panelRows: Int
  /// What no other launch touches.
  var locals: [Stored]
  var tilePanelCount: Int
  /// Of the loop of which this is the body, where workers take their rows through all of them.
  var iterations: Int?

  var panelCount: Int { (rowCount + panelRows - 1) / panelRows }

  /// What tiles touch in memory, in order of first use.
  var accesses: [Access] {
    var found: [Access] = []
    for access in members.flatMap({ $0.accesses.filter { $0.use == .read } + $0.accesses.filter { $0.use != .read } })
    where !locals.contains(access.stored) && !found.contains(where: { $0.stored == access.stored }) {
      found.append(Access(stored: access.stored, use: access.use, pattern: access.pattern))
    }
    return found
  }

  /// The group as a function of its arguments.
  ///
  /// - Parameter shares: into how many parts the launch is divided. A tile is no longer than the shortest of them: every
  ///   worker fills its part of the scratch, whichever parts it has.
  func function(_ graph: Graph, _ target: Target, shares: Int) -> StreamedGroup {
    let tilePanelCount = min(tilePanelCount, max(1, panelCount / shares))
    let tileRowCount = min(tilePanelCount * panelRows, rowCount)
    let productsEnd = members.compactMap(\.product).map(target.products.tileScratchByteCount).max() ?? 0
    var end = productsEnd
    let places = locals.map { value in
      let rowByteCount = graph.byteCount(of: value) / rowCount
      end = (end + 63) / 64 * 64 + rowByteCount * tileRowCount
      return StreamedGroup.Local(rowByteCount: rowByteCount, scratchEnd: end)
    }
    let arguments = accesses.map(\.stored)
    return StreamedGroup(
      rowCount: rowCount, panelRows: panelRows, tilePanelCount: tilePanelCount,
      members: members.indices.map { member($0, arguments) }, locals: places,
      scratch: .init(productsEnd: productsEnd, workerByteCount: end))
  }

  private func member(_ index: Int, _ arguments: [Stored]) -> StreamedGroup.Member {
    let operands = members[index].accesses.map { access in
      if let local = locals.firstIndex(of: access.stored) {
        return StreamedGroup.Operand(.local(local), offset: access.offset)
      }
      guard let argument = arguments.firstIndex(of: access.stored) else {
        preconditionFailure("member \(index) touches value \(access.stored.value.index), no argument of its group")
      }
      return .init(.argument(argument), offset: access.offset)
    }
    switch members[index].body {
    case .nest(let kernel): return .init(.nest(kernel), operands)
    case .product(let product): return .init(product.isBatched ? .batchedProduct(product) : .product(product), operands)
    case .rows, .packing, .group: preconditionFailure("a group has kernels and products only")
    }
  }
}

extension Launch {
  /// Launches that follow each other, as one.
  init(_ group: LaunchGroup, _ graph: Graph) {
    let first = group.members[0]
    let roles = group.members.map(\.role)
    self.init(
      body: .group(group), accesses: group.accesses, operations: group.members.flatMap(\.operations),
      role: roles.contains(.backward) ? .backward : roles[0], position: first.position)
    recomputedFlops = group.members.reduce(0) { $0 + ($1.role == .recompute ? $1.flops : $1.recomputedFlops) }
  }

  /// Whether workers take their rows of it through all iterations of the loop around.
  var goesThroughIterations: Bool { if case .group(let group) = body { group.iterations != nil } else { false } }

  /// Operands of a product of which a row reads a row; all rows of one product share its right operand.
  var dividedOperands: [Stored] {
    product.map { accesses.prefix($0.isBatched ? 2 : 1).map(\.stored) } ?? []
  }
}
