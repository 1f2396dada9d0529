import GraphIR
import Modeling
import Operators
import TensorTypes

extension ProgramWriter {
  mutating func addMovement() {
    let value = pick()
    let shape = type(value).shape
    guard shape.rank > 0 else { return pool.append(build.broadcast(value, to: self.shape(ranks: 1...3), axes: [])) }
    let axis = random.below(shape.rank)
    switch random.below(6) {
    case 0: pool.append(build.transpose(value, permutation(shape.rank)))
    case 1: pool.append(slice(value, axis))
    case 2:
      let padding: Attributes = [
        "axis": .integer(axis), "before": .integer(random.below(3)), "after": .integer(random.below(2)),
      ]
      pool.append(build.emit(.pad, [value], padding)[0])
    case 3: pool.append(rotated(value, axis))
    case 4: pool.append(build.reshape(value, to: Shape([shape.elementCount])))
    default: pool.append(repeated(value))
    }
  }

  /// The value with a part of an axis moved from the front to the back.
  private mutating func rotated(_ value: Graph.Value, _ axis: Int) -> Graph.Value {
    let extent = type(value).shape[axis]
    let cut = random.below(extent + 1)
    return build.emit(
      .concatenate, [part(value, axis, cut, extent), part(value, axis, 0, cut)], ["axis": .integer(axis)])[0]
  }

  private mutating func slice(_ value: Graph.Value, _ axis: Int) -> Graph.Value {
    let extent = type(value).shape[axis]
    let start = random.below(max(extent, 1))
    return part(value, axis, start, start + (extent == 0 ? 0 : 1 + random.below(extent - start)))
  }

  func part(_ value: Graph.Value, _ axis: Int, _ start: Int, _ end: Int) -> Graph.Value {
    build.emit(.slice, [value], ["axis": .integer(axis), "start": .integer(start), "end": .integer(end)])[0]
  }

  private mutating func repeated(_ value: Graph.Value) -> Graph.Value {
    let shape = type(value).shape
    guard shape.rank < 3 else { return value }
    let inserted = random.below(shape.rank + 1)
    var extents = shape.extents
    extents.insert(random.element(of: self.extents), at: inserted)
    return build.broadcast(value, to: Shape(extents), axes: (0...shape.rank).filter { $0 != inserted })
  }

  mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for index in order.indices.dropFirst() { order.swapAt(index, random.below(index + 1)) }
    return order
  }

  /// The value brought to a shape in one of several ways.
  mutating func fitted(_ value: Graph.Value, to shape: Shape) -> Graph.Value {
    let own = type(value).shape
    if own == shape { return value }
    if own.elementCount == shape.elementCount {
      if own.rank == shape.rank, own.rank == 2, random.isTrue(oneIn: 2) { return build.transpose(value, [1, 0]) }
      return build.reshape(value, to: shape)
    }
    if own.rank == shape.rank {
      return shape.extents.indices.reduce(value) { extended($0, axis: $1, to: shape[$1]) }
    }
    if own.rank < shape.rank, own.extents == Array(shape.extents.suffix(own.rank)) {
      return build.broadcast(value, to: shape, axes: Array((shape.rank - own.rank)..<shape.rank))
    }
    let sum = build.sum(value, Array(0..<own.rank))
    return build.broadcast(build.emit1(.sine, sum), to: shape, axes: [])
  }

  /// The value cut or padded along one axis.
  private mutating func extended(_ value: Graph.Value, axis: Int, to extent: Int) -> Graph.Value {
    let own = type(value).shape[axis]
    if own == extent { return value }
    if own == 1, random.isTrue(oneIn: 2) {
      var shape = type(value).shape
      shape.extents[axis] = extent
      return build.broadcast(value, to: shape, axes: Array(0..<shape.rank))
    }
    if own > extent {
      let start = random.below(own - extent + 1)
      return part(value, axis, start, start + extent)
    }
    let before = random.below(extent - own + 1)
    let padding: Attributes = [
      "axis": .integer(axis), "before": .integer(before), "after": .integer(extent - own - before),
    ]
    return build.emit(.pad, [value], padding)[0]
  }

  // MARK: Contractions

  mutating func addDot() {
    let left = pick()
    let leftShape = type(left).shape
    guard leftShape.rank > 0, leftShape.elementCount > 0 else { return addElementwise() }
    var axes = permutation(leftShape.rank)
    let inner = [axes.removeLast()] + (axes.count > 1 && random.isTrue(oneIn: 4) ? [axes.removeLast()] : [])
    let batch = axes.count > 0 && random.isTrue(oneIn: 2) ? [axes.removeLast()] : []
    let free = random.isTrue(oneIn: 3) ? [] : [random.element(of: extents)]
    addDot(left, inner: inner, batch: batch, free: free)
  }

  private mutating func addDot(_ left: Graph.Value, inner: [Int], batch: [Int], free: [Int]) {
    let leftShape = type(left).shape
    // The right operand has batch, inner and free axes in any order.
    let kinds = batch.map { leftShape[$0] } + inner.map { leftShape[$0] } + free
    let order = permutation(kinds.count)
    let right = fitted(pick(), to: Shape(order.map { kinds[$0] }))
    let position = Operator.inverse(order)
    let axes = DotAxes(
      leftBatch: batch, rightBatch: batch.indices.map { position[$0] },
      leftInner: inner, rightInner: inner.indices.map { position[batch.count + $0] })
    let product = build.dot(left, right, axes)
    guard type(product).shape.elementCount <= 2_000 else { return }
    pool.append(random.isTrue(oneIn: 3) ? product : bounded(product))
    if type(product).shape == type(left).shape, random.isTrue(oneIn: 2) {
      // A residual connection: the product is added to its own operand.
      pool.append(build.add(left, product))
    } else if random.isTrue(oneIn: 3) {
      pool.append(build.add(fitted(pick(), to: type(product).shape), product))
    }
  }
}
