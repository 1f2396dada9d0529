/// How the iterations of a launch move through a buffer: an offset in elements that is affine in their axes.
public struct Walk: Hashable, Sendable {
  public var constant: Int
  /// Outermost first, those that workers share before the others; axes of extent 1 are left out.
  public private(set) var axes: [Axis]
  /// How many axes workers share.
  public private(set) var sharedCount: Int

  /// An axis of the iterations, and how far one step along it moves in the buffer.
  public struct Axis: Hashable, Sendable {
    public var extent: Int
    public var stride: Int
    public init(extent: Int, stride: Int) { (self.extent, self.stride) = (extent, stride) }
  }

  public init(constant: Int = 0, shared: [Axis], inner: [Axis]) {
    self.constant = constant
    let kept = shared.filter { $0.extent != 1 }
    axes = kept + inner.filter { $0.extent != 1 }
    sharedCount = kept.count
  }

  /// Whether the iterations visit so many elements, each once and in order.
  public func isInOrder(elementCount: Int) -> Bool {
    var stride = 1
    for axis in axes.reversed() {
      if axis.stride != stride { return false }
      stride *= axis.extent
    }
    return constant == 0 && stride == elementCount
  }

  /// Whether the iterations that belong to row `i` of so many touch row `i` only of a buffer with as many rows.
  ///
  /// Iterations are divided among the rows evenly, in order; so are the buffer's elements.
  public func keepsRowsApart(_ rowCount: Int, elementCount: Int) -> Bool {
    guard elementCount % rowCount == 0, let (outer, inner) = divided(rowCount) else { return false }
    let width = elementCount / rowCount
    var stride = width
    for axis in outer.reversed() {
      if axis.stride != stride { return false }
      stride *= axis.extent
    }
    let reaches = inner.map { ($0.extent - 1) * $0.stride }
    let least = constant + reaches.reduce(0) { $0 + min($1, 0) }
    let most = constant + reaches.reduce(0) { $0 + max($1, 0) }
    return least >= 0 && most < width
  }

  /// The leading shared axes that have so many iterations together, the last perhaps a part of an axis, and the rest.
  private func divided(_ count: Int) -> (outer: [Axis], inner: [Axis])? {
    guard !axes.contains(where: { $0.extent == 0 }) else { return nil }
    var outer: [Axis] = []
    var inner = axes[...]
    var left = count
    while left > 1 {
      guard outer.count < sharedCount, let axis = inner.popFirst() else { return nil }
      let taken = left % axis.extent == 0 ? axis.extent : left
      guard axis.extent % taken == 0 else { return nil }
      let rest = axis.extent / taken
      outer.append(Axis(extent: taken, stride: axis.stride * rest))
      if rest > 1 { inner.insert(Axis(extent: rest, stride: axis.stride), at: inner.startIndex) }
      left /= taken
    }
    return (outer, Array(inner))
  }
}

/// What a launch does with one of its buffers: where, and when.
public struct AccessPattern: Hashable, Sendable {
  /// Nil if data decides where.
  public var walks: Set<Walk>?
  /// When an iteration first touches the buffer, and when it last does, in the order of its statements.
  public var moments: ClosedRange<Int>

  public init(walks: Set<Walk>?, moments: ClosedRange<Int>) { (self.walks, self.moments) = (walks, moments) }

  /// Whether row `i` of so many touches row `i` only of a buffer with so many elements.
  public func keepsRowsApart(_ rowCount: Int, elementCount: Int) -> Bool {
    walks?.allSatisfy { $0.keepsRowsApart(rowCount, elementCount: elementCount) } ?? false
  }

  /// Whether every element that is read lies where the same iteration writes, and is read before.
  public func comesBefore(_ written: AccessPattern, elementCount: Int) -> Bool {
    guard let walks, walks == written.walks else { return false }
    return moments.upperBound <= written.moments.lowerBound
      && walks.allSatisfy { $0.isInOrder(elementCount: elementCount) }
  }
}
