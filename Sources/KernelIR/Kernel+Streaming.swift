/// What a kernel reads row by row, for prefetching.
extension Kernel {
  /// A buffer that each row reads from one end of its part to the other.
  public struct StreamedLoad: Hashable, Sendable {
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
  public var streamedLoads: [StreamedLoad] {
    guard rowExtents.count == 1, columnExtents.count == 1,
      let first = stages.first(where: { if case .columns = $0 { true } else { false } }),
      case .columns(let statements) = first
    else { return [] }
    var found: [StreamedLoad] = []
    for statement in statements {
      statement.value?.forEachLoad { buffer, index in
        let load = StreamedLoad(buffer: buffer, index: index, byteCount: buffers[buffer].elementType.byteCount)
        if index.coefficients[1] == 1, index.coefficients[0] >= columnCount, !found.contains(load) {
          found.append(load)
        }
      }
    }
    return found
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
  /// Calls the visitor with every load at an affine offset.
  func forEachLoad(_ visit: (Int, AffineIndex) -> Void) {
    switch self {
    case .load(let buffer, let index, let terms): if terms.isEmpty { visit(buffer, index) }
    case .apply(_, let arguments): for argument in arguments { argument.forEachLoad(visit) }
    case .choose(let condition, let first, let second):
      for part in [condition, first, second] { part.forEachLoad(visit) }
    case .number, .index, .operand, .local: break
    }
  }
}
