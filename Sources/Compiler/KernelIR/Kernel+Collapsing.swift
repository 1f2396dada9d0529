extension Kernel {
  /// The same kernel with neighbouring axes merged wherever every access walks them as one.
  ///
  /// Fewer axes mean fewer divisions and longer vector loops; the elements and their order stay the same.
  public func collapsed() -> Kernel {
    var kernel = self
    var axis = kernel.rowExtents.count + kernel.columnExtents.count - 1
    while axis > 0 {
      if axis != kernel.rowExtents.count { kernel.mergeIfPossible(axis) }
      axis -= 1
    }
    return kernel
  }

  private mutating func mergeIfPossible(_ axis: Int) {
    let extents = rowExtents + columnExtents
    let extent = extents[axis]
    var isPossible = true
    forEachIndex { index in
      let isContinuous = index.coefficients[axis - 1] == index.coefficients[axis] * extent
      if !isContinuous && extents[axis - 1] != 1 && extent != 1 { isPossible = false }
    }
    guard isPossible else { return }
    mapIndices { index in
      var merged = index
      merged.coefficients.remove(at: extent == 1 ? axis : axis - 1)
      return merged
    }
    if axis < rowExtents.count {
      rowExtents[axis - 1] *= extent
      rowExtents.remove(at: axis)
    } else {
      let column = axis - rowExtents.count
      columnExtents[column - 1] *= extent
      columnExtents.remove(at: column)
    }
  }

  private func forEachIndex(_ visit: (AffineIndex) -> Void) {
    var copy = self
    copy.mapIndices {
      visit($0)
      return $0
    }
  }

  private mutating func mapIndices(_ transform: (AffineIndex) -> AffineIndex) {
    stages = stages.map { stage in
      switch stage {
      case .row(let statements): .row(statements.map { $0.mapIndices(transform) })
      case .columns(let statements): .columns(statements.map { $0.mapIndices(transform) })
      }
    }
  }
}

extension Kernel.Statement {
  func mapIndices(_ transform: (AffineIndex) -> AffineIndex) -> Kernel.Statement {
    switch self {
    case .define(let local, let value): .define(local, value.mapIndices(transform))
    case .store(let buffer, let index, let value): .store(buffer, transform(index), value.mapIndices(transform))
    case .reduce(let local, let combiner, let value): .reduce(local, combiner, value.mapIndices(transform))
    case .keep: self
    }
  }
}
