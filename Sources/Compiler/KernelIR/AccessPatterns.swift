extension Kernel {
  /// One per buffer.
  public var accessPatterns: [AccessPattern] {
    var patterns = [AccessPattern?](repeating: nil, count: buffers.count)
    let sharedCount = sharedExtents.count
    func walk(_ index: AffineIndex?) -> Walk? {
      guard let index else { return nil }
      let axes = zip(rowExtents + columnExtents, index.coefficients).map(Walk.Axis.init)
      return Walk(
        constant: index.constant, shared: Array(axes.prefix(sharedCount)), inner: Array(axes.dropFirst(sharedCount)))
    }
    // A row runs its statements one after another, a column those of its stage: what comes later in the list comes later.
    for (number, statement) in stages.flatMap(\.statements).enumerated() {
      statement.value?.forEachAccess { note(&patterns[$0], walk($1), number) }
      if case .store(let buffer, let index, _) = statement { note(&patterns[buffer], walk(index), number) }
    }
    return patterns.map { $0 ?? AccessPattern(walks: [], moments: 0...0) }
  }

  private func note(_ pattern: inout AccessPattern?, _ walk: Walk?, _ moment: Int) {
    guard var known = pattern else {
      pattern = AccessPattern(walks: walk.map { [$0] }, moments: moment...moment)
      return
    }
    known.walks = walk.flatMap { known.walks?.union([$0]) }
    known.moments = known.moments.lowerBound...moment
    pattern = known
  }
}

extension Contraction {
  /// Of the left operand, the right one, the result and the accumulator, which begin at so many elements. A batched product
  /// is divided by its matrices, another one by its rows.
  ///
  /// Factors are read as long as anything is written, since tiles share them.
  public func accessPatterns(offsets: [Int]) -> [AccessPattern] {
    zip([\Axis.leftStride, \.rightStride, \.resultStride, \.resultStride], offsets).enumerated().map { index, side in
      AccessPattern(walks: [walk(side.0, side.1)], moments: index < 2 ? 0...1 : 0...0)
    }
  }

  private func walk(_ stride: KeyPath<Axis, Int>, _ offset: Int) -> Walk {
    func axes(_ axes: [Axis]) -> [Walk.Axis] { axes.map { .init(extent: $0.extent, stride: $0[keyPath: stride]) } }
    let (shared, others) = isBatched ? (batch, rows + columns + inner) : (rows, columns + inner)
    return Walk(constant: offset, shared: axes(shared), inner: axes(others).filter { $0.stride != 0 })
  }
}
