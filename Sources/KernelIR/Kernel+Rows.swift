/// Whether a kernel keeps rows apart, for groups that run tile by tile.
extension Kernel {
  /// Whether it is one loop over independent elements, which workers share like rows.
  public var isFlat: Bool {
    guard rowExtents.isEmpty, columnExtents.count == 1, stages.count == 1, case .columns(let statements) = stages[0]
    else { return false }
    return !statements.contains { if case .reduce = $0 { true } else { false } }
  }

  /// Extents of the iterations that workers share.
  public var sharedExtents: [Int] { isFlat ? columnExtents : rowExtents }

  /// Whether the iterations that belong to row `i` of so many touch row `i` only of a buffer with as many rows.
  ///
  /// Iterations are divided among the rows evenly, in order; so are the buffer's elements.
  public func keepsRowsApart(inBuffer buffer: Int, elementCount: Int, rowCount: Int) -> Bool {
    guard !reducesAcrossRows, elementCount % rowCount == 0,
      let leading = LeadingAxes(rowExtents + columnExtents, count: rowCount, within: sharedExtents.count)
    else { return false }
    var isApart = true
    forEachAccess(toBuffer: buffer) { index in
      if let index, leading.walks(index, width: elementCount / rowCount) { return }
      isApart = false
    }
    return isApart
  }

  /// Calls the visitor with the offset of every load and store, nil if data decides it.
  private func forEachAccess(toBuffer buffer: Int, _ visit: (AffineIndex?) -> Void) {
    for stage in stages {
      let statements =
        switch stage {
        case .row(let row): row
        case .columns(let columns): columns
        }
      for statement in statements {
        if case .store(buffer, let index, _) = statement { visit(index) }
        statement.value?.forEachAccess { found, index in if found == buffer { visit(index) } }
      }
    }
  }
}

/// The leading axes of an iteration space that have so many iterations together; the last may be a part of an axis.
private struct LeadingAxes {
  private let outer: [Int]
  private let inner: [Int]
  /// The number of iterations of the divided axis that belong to one of the leading ones.
  private let innerOfDivided: Int

  init?(_ extents: [Int], count: Int, within limit: Int) {
    guard !extents.contains(0) else { return nil }
    var outer: [Int] = []
    var (left, axis) = (count, 0)
    while left > 1, axis < limit, left % extents[axis] == 0 {
      left /= extents[axis]
      outer.append(extents[axis])
      axis += 1
    }
    var inner = Array(extents[axis...])
    innerOfDivided = left > 1 && axis < limit ? extents[axis] / left : 0
    if left > 1 {
      guard axis < limit, extents[axis] % left == 0 else { return nil }
      outer.append(left)
      inner[0] = innerOfDivided
    }
    (self.outer, self.inner) = (outer, inner)
  }

  /// Whether an offset moves by so many elements from one leading iteration to the next, and stays within them inside one.
  func walks(_ index: AffineIndex, width: Int) -> Bool {
    var coefficients = index.coefficients
    if innerOfDivided > 0 { coefficients.insert(coefficients[outer.count - 1] * innerOfDivided, at: outer.count - 1) }
    var stride = width
    for (extent, coefficient) in zip(outer, coefficients).reversed() {
      if coefficient != stride, extent > 1 { return false }
      stride *= extent
    }
    let reaches = zip(inner, coefficients[outer.count...]).map { ($0 - 1) * $1 }
    let least = index.constant + reaches.reduce(0) { $0 + min($1, 0) }
    let most = index.constant + reaches.reduce(0) { $0 + max($1, 0) }
    return least >= 0 && most < width
  }
}
