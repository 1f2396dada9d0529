extension Kernel {
  /// Floating-point operations of one launch.
  public var flops: Int {
    stages.reduce(0) { total, stage in
      switch stage {
      case .row(let statements): total + rowCount * statements.reduce(0) { $0 + $1.flops }
      case .columns(let statements): total + rowCount * columnCount * statements.reduce(0) { $0 + $1.flops }
      }
    }
  }
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
