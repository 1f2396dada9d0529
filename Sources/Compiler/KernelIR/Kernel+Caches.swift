/// What a kernel reads row by row, for prefetching.
extension Kernel {
  /// A buffer that each row reads from one end of its part to the other.
  public struct PrefetchedLoad: Hashable, Sendable {
    public var buffer: Int
    /// Offset in elements over row and column.
    public var index: AffineIndex
    /// Of one element.
    public var byteCount: Int
  }

  /// Position of the second stage over columns.
  public var secondColumnStage: Int? {
    stages.indices.filter { if case .columns = stages[$0] { true } else { false } }.dropFirst().first
  }

  /// Loads of the first stage over columns that are contiguous along columns and move with rows, of kernels with one axis
  /// of either.
  public var prefetchedLoads: [PrefetchedLoad] {
    guard rowExtents.count == 1, columnExtents.count == 1,
      let first = stages.first(where: { if case .columns = $0 { true } else { false } }),
      case .columns(let statements) = first
    else { return [] }
    var found: [PrefetchedLoad] = []
    for statement in statements {
      statement.value?.forEachLoad { buffer, index in
        let load = PrefetchedLoad(buffer: buffer, index: index, byteCount: buffers[buffer].elementType.byteCount)
        if index.coefficients[1] == 1, index.coefficients[0] >= columnCount, !found.contains(load) {
          found.append(load)
        }
      }
    }
    return found
  }
}

extension Kernel {
  /// Buffers that each row fills from one end to the other by one statement, too large for any cache and never read in the
  /// kernel: their rows are stored around the caches, which otherwise would first read what is overwritten.
  ///
  /// A row waits on the stack until it is complete; none does that would not fit there.
  public func uncachedStores(_ target: Target) -> Set<Int> {
    guard rowExtents.count == 1, columnExtents.count == 1, !reducesAcrossRows else { return [] }
    var read: Set<Int> = []
    var storeCounts: [Int: Int] = [:]
    for statement in stages.flatMap(\.statements) {
      statement.value?.forEachBuffer { read.insert($0) }
      if case .store(let buffer, _, _) = statement { storeCounts[buffer, default: 0] += 1 }
    }
    let found = stages.flatMap { stage -> [Int] in
      guard case .columns(let statements) = stage else { return [] }
      return statements.compactMap { statement in
        guard case .store(let buffer, let index, _) = statement, !read.contains(buffer),
          storeCounts[buffer] == 1, index == AffineIndex(coefficients: [columnCount, 1])
        else { return nil }
        let rowByteCount = columnCount * buffers[buffer].elementType.byteCount
        return rowByteCount % 64 == 0 && rowCount * rowByteCount >= target.uncachedByteCount ? buffer : nil
      }
    }
    return keptByteCount + rowByteCount(of: Set(found)) <= target.rowByteLimit ? Set(found) : []
  }

  /// Bytes of the stack that a row takes: what later stages read again, and what waits to be stored.
  public func rowByteCount(_ target: Target) -> Int { keptByteCount + rowByteCount(of: uncachedStores(target)) }

  private func rowByteCount(of buffers: Set<Int>) -> Int {
    buffers.reduce(0) { $0 + columnCount * self.buffers[$1].elementType.byteCount }
  }

  private var keptByteCount: Int {
    stages.reduce(0) { total, stage in
      guard case .columns(let statements) = stage else { return total }
      return statements.reduce(total) { total, statement in
        if case .keep(let local) = statement { total + columnCount * locals[local].byteCount } else { total }
      }
    }
  }
}

extension Kernel.Statement {
  /// What the statement evaluates.
  var value: ScalarExpression? {
    switch self {
    case .define(_, let value), .store(_, _, let value), .reduce(_, _, let value): value
    case .keep: nil
    }
  }
}

extension ScalarExpression {
  /// Calls the visitor with every buffer that is read.
  func forEachBuffer(_ visit: (Int) -> Void) { forEachAccess { buffer, _ in visit(buffer) } }

  /// Calls the visitor with every load at an affine offset.
  func forEachLoad(_ visit: (Int, AffineIndex) -> Void) {
    forEachAccess { buffer, index in if let index { visit(buffer, index) } }
  }

  /// Calls the visitor with every load and its offset, nil if data decides it.
  func forEachAccess(_ visit: (Int, AffineIndex?) -> Void) {
    switch self {
    case .load(let buffer, let index, let terms):
      visit(buffer, terms.isEmpty ? index : nil)
      for term in terms { term.index.forEachAccess(visit) }
    case .apply(_, let arguments): for argument in arguments { argument.forEachAccess(visit) }
    case .choose(let condition, let first, let second):
      for part in [condition, first, second] { part.forEachAccess(visit) }
    case .number, .index, .operand, .local: break
    }
  }
}
