import GraphIR
import KernelIR

/// Launches that one launch takes tile by tile.
struct LaunchGroup {
  var members: [Launch]
  var rowCount: Int
  var panelRows: Int
  /// Values that no other launch touches.
  var locals: [Graph.Value]
  var tilePanelCount: Int
  /// Where products find their right operands, by member.
  var packed: [Int: Packing.Place] = [:]

  var panelCount: Int { (rowCount + panelRows - 1) / panelRows }

  /// What tiles touch in memory, in order of first use; a packed right operand is not among it.
  var accesses: [Access] {
    var found: [Access] = []
    let all = members.flatMap { member in
      member.accessesOfTiles.filter { $0.use == .read } + member.accesses.filter { $0.use != .read }
    }
    for access in all
    where !locals.contains(access.value) && !found.contains(where: { $0.value == access.value }) {
      found.append(Access(value: access.value, use: access.use, pattern: access.pattern))
    }
    return found
  }

  /// Where right operands lie packed, in the order of their products; they follow the arguments.
  var packedOperands: [Packing.Place] { packed.sorted { $0.key < $1.key }.map(\.value) }

  /// The group as a function of so many arguments, its packed operands among them.
  ///
  /// - Parameter shares: into how many parts the launch is divided. A tile is no longer than the shortest of them: every
  ///   worker fills its part of the scratch, whichever parts it has.
  func function(_ graph: Graph, _ target: Target, shares: Int) -> StreamedGroup {
    let tilePanelCount = min(tilePanelCount, max(1, panelCount / shares))
    let tileRowCount = min(tilePanelCount * panelRows, rowCount)
    let productsEnd = members.compactMap(\.product).map(target.products.tileScratchByteCount).max() ?? 0
    var end = productsEnd
    let places = locals.map { value in
      let rowByteCount = graph.type(of: value).byteCount / rowCount
      end = (end + 63) / 64 * 64 + rowByteCount * tileRowCount
      return StreamedGroup.Local(rowByteCount: rowByteCount, scratchEnd: end)
    }
    let arguments = accesses.map(\.value)
    return StreamedGroup(
      rowCount: rowCount, panelRows: panelRows, tilePanelCount: tilePanelCount,
      members: members.indices.map { member($0, arguments) }, locals: places,
      scratch: .init(productsEnd: productsEnd, workerByteCount: end))
  }

  private func member(_ index: Int, _ arguments: [Graph.Value]) -> StreamedGroup.Member {
    let operands = members[index].accesses.enumerated().map { position, access in
      if packed[index] != nil, position == 1 {
        return StreamedGroup.Operand(.argument(arguments.count + packed.keys.count { $0 < index }), offset: 0)
      }
      if let local = locals.firstIndex(of: access.value) { return .init(.local(local), offset: access.offset) }
      guard let argument = arguments.firstIndex(of: access.value) else {
        preconditionFailure("member \(index) reads value \(access.value.index), no argument among \(arguments)")
      }
      return .init(.argument(argument), offset: access.offset)
    }
    switch members[index].body {
    case .nest(let kernel): return .init(.nest(kernel), operands)
    case .product(let product): return .init(product.isBatched ? .batchedProduct(product) : .product(product), operands)
    case .scatter, .packing, .group: preconditionFailure("a group has kernels and products only")
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

  /// Accesses without that to a right operand of which tiles see a packed copy.
  var accessesOfTiles: [Access] {
    guard let product, !product.isBatched else { return accesses }
    return accesses.enumerated().filter { $0.offset != 1 }.map(\.element)
  }

  /// Floating-point operations.
  var flops: Int {
    switch body {
    case .nest(let kernel): kernel.flops
    case .product(let contraction): contraction.flops
    case .scatter(let scatter): scatter.updateCount * scatter.width
    case .packing: 0
    case .group(let group): group.members.reduce(0) { $0 + $1.flops }
    }
  }

  /// Operands of a product of which a row reads a row; all rows of one product share its right operand.
  var dividedOperands: [Graph.Value] {
    product.map { accesses.prefix($0.isBatched ? 2 : 1).map(\.value) } ?? []
  }
}
