extension Kernel {
  /// Whether memory is contiguous along rows and not along the reduced columns, as for a sum over leading axes.
  ///
  /// Such a kernel only sums or takes maxima in its one stage over columns; rows are then worked on side by side.
  public var reducesAcrossRows: Bool {
    guard let row = rowExtents.indices.last, let column = columnExtents.indices.last, rowExtents[row] >= 8,
      case .columns(let statements)? = stages.first
    else { return false }
    let isOnlyStage = stages.dropFirst().allSatisfy { if case .row = $0 { true } else { false } }
    let isOnlyReducing = statements.allSatisfy { statement in
      switch statement {
      case .define: true
      case .reduce(_, let combiner, _): combiner != .argumentOfMaximum
      case .store, .keep: false
      }
    }
    guard isOnlyStage, isOnlyReducing else { return false }
    var (along, across) = (0, 0)
    for statement in statements {
      statement.value?.forEachLoad { _, index in
        if index.coefficients[row] == 1 { across += 1 }
        if index.coefficients[rowExtents.count + column] == 1 { along += 1 }
      }
    }
    return across > along
  }
}
