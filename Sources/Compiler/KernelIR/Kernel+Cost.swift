extension Kernel {
  /// Floating-point operations of one launch.
  public var flops: Int {
    stages.reduce(0) { total, stage in
      let perPoint = stage.statements.reduce(0) { $0 + $1.flops }
      let columns = if case .columns = stage { columnCount } else { 1 }
      return OperationCount.sum(total, OperationCount.product([rowCount, columns, perPoint]))
    }
  }

  /// Elements that one launch goes through, those of each buffer counted.
  public var elementCount: Int { OperationCount.product([rowCount, columnCount, buffers.count]) }
}

extension Kernel.Statement {
  fileprivate var flops: Int {
    switch self {
    case .define(_, let value), .store(_, _, let value): value.flops
    case .reduce(_, _, let value): value.flops + 1
    case .keep: 0
    }
  }
}
