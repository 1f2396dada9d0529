import GraphIR
import KernelIR

/// What workers do together between two points at which they wait for each other.
struct Launch {
  var body: Body
  /// One per argument, in the arguments' order.
  var accesses: [Access]
  /// What is computed, for people.
  var operations: [Graph.OperationID]
  var role: Graph.Role
  /// On the line of positions.
  var position: Int
  /// Operations of a backward launch that compute again what the forward part knew.
  var recomputedFlops = 0

  indirect enum Body {
    case nest(Kernel)
    case product(Contraction)
    case rows(RowWork)
    case packing(PackedOperands)
    case group(LaunchGroup)
  }
}

/// What a launch does to one stored value.
struct Access {
  var stored: Stored
  var use: Use
  /// Where the operand begins, in elements.
  var offset = 0
  var pattern: AccessPattern

  enum Use: Equatable {
    case read
    case write
    /// Written over the bytes of another value, which must be there before.
    case update(of: Stored)
  }
}

extension Launch {
  /// The body if it is a product, whose accesses are the left operand, the right one, the result and perhaps the accumulator.
  var product: Contraction? { if case .product(let contraction) = body { contraction } else { nil } }

  var isNest: Bool { if case .nest = body { true } else { false } }

  /// Launches that follow each other on the same rows; one that is no group is its only member.
  var members: [Launch] { if case .group(let group) = body { group.members } else { [self] } }

  /// What of memory from before the launch matters.
  var read: [Stored] {
    accesses.compactMap { access in
      switch access.use {
      case .read: access.stored
      case .write: nil
      case .update(let base): base
      }
    }
  }

  /// What is written, all or a part of each.
  var written: [Stored] { accesses.filter { $0.use != .read }.map(\.stored) }

  var touched: [Stored] { read + written }

  /// Floating-point operations.
  var flops: Int {
    switch body {
    case .nest(let kernel): kernel.flops
    case .product(let contraction): contraction.flops
    case .rows(let work): work.flops
    case .packing: 0
    case .group(let group): group.members.reduce(0) { OperationCount.sum($0, $1.flops) }
    }
  }

  /// Whether row `i` of so many touches row `i` only of a value; what is written over it touches it too.
  func keepsRowsApart(_ stored: Stored, _ rowCount: Int, _ graph: Graph) -> Bool {
    let elementCount = graph.type(of: stored.value).elementCount
    return accesses.filter { $0.stored == stored || $0.use == .update(of: stored) }.allSatisfy {
      $0.pattern.keepsRowsApart(rowCount, elementCount: elementCount)
    }
  }

  /// Whether a value may be written over another one that the launch reads: every element is read before, at the same place
  /// by what writes, or with its row by an earlier member.
  func mayReplace(_ operand: Stored, by result: Stored, _ graph: Graph) -> Bool {
    guard operand != result, operand.layout == .strided, result.layout == .strided,
      graph.byteCount(of: operand) == graph.byteCount(of: result),
      members.allSatisfy({ !$0.written.contains(operand) }),
      let writer = members.firstIndex(where: { $0.written.contains(result) }),
      areRowsApart(of: result, in: members[writer], graph)
    else { return false }
    return members.enumerated().allSatisfy { index, member in
      guard member.read.contains(operand) else { return true }
      if index == writer { return member.reads(operand, onlyWhereItWrites: result, graph) }
      return index < writer && areRowsApart(of: operand, in: member, graph)
    }
  }

  private func areRowsApart(of stored: Stored, in member: Launch, _ graph: Graph) -> Bool {
    guard case .group(let group) = body else { return true }
    return member.keepsRowsApart(stored, group.rowCount, graph)
  }

  private func reads(_ operand: Stored, onlyWhereItWrites result: Stored, _ graph: Graph) -> Bool {
    guard let written = accesses.first(where: { $0.stored == result }) else { return false }
    let elementCount = graph.type(of: operand.value).elementCount
    return accesses.allSatisfy { access in
      access.stored != operand || access.pattern.comesBefore(written.pattern, elementCount: elementCount)
    } && (accesses.contains { $0.stored == operand } || written.use == .update(of: operand))
  }

  /// What is launched, in so many shares.
  func function(_ graph: Graph, _ target: Target, shares: Int) -> KernelFunction {
    switch body {
    case .nest(let kernel): .nest(kernel)
    case .product(let product): .contraction(product)
    case .rows(let work): .rows(work)
    case .packing(let operands): .packing(operands)
    case .group(let group): .streamed(group.function(graph, target, shares: shares))
    }
  }
}
