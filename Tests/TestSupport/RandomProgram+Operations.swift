import GraphIR
import Operators
import TensorTypes

extension ProgramGenerator {
  /// One operation, or a few that belong together, on values of the pool.
  func operation(_ pool: [Graph.Value]) -> Graph.Value {
    let (a, b) = (pick(pool), pick(pool))
    if shape.elementCount == 0 { return build.multiply(a, build.emit1(.sine, b)) }
    switch below(20) {
    case 0: return build.scale(build.add(a, b), by: 0.5)
    case 1: return build.multiply(a, build.emit1(.sine, b))
    case 2: return build.emit1(.hyperbolicTangent, build.subtract(a, b))
    case 3: return build.emit1([.cosine, .sigmoid, .absolute, .negate][below(4)], a)
    case 4: return build.emit1([Operator.maximum, .minimum][below(2)], a, b)
    case 5: return build.select(build.emit1(.less, a, b), b, build.scale(a, by: 0.25))
    case 6: return build.emit1(.stopGradient, a)
    case 7: return build.emit1(.softmax, a)
    case 8: return build.emit(.rootMeanSquareNormalize, [a], ["epsilon": .number(0.125)])[0]
    case 9: return chance(50) ? movement(a, b) : laidTogether(a, b)
    case 10: return reduction(a, b)
    case 11: return build.emit1(.gather, a, numbers)
    case 12: return build.emit1(.scatterAdd, a, numbers, build.emit1(.cosine, b))
    case 13: return stepDependent(a)
    case 14: return build.add(a, build.restore(vector, [0], to: shape))
    case 15 where chance(40): return authored(a)
    default: return dot(a, b)
    }
  }

  /// A function with its gradient written out: the right one, so that differences find it.
  private func authored(_ a: Graph.Value) -> Graph.Value {
    let y = build.emit1(.hyperbolicTangent, a)
    let region = build.graph.addRegion()
    let cotangent = build.graph.addParameter(build.type(of: y), to: region)
    build.inside(region) {
      let slope = build.subtract(build.constant(1, like: y), build.multiply(y, y))
      build.graph[region].results = [build.multiply(cotangent, slope)]
    }
    return build.emit(.customGradient, [a, y], ["operands": .integer(1)], regions: [region])[0]
  }

  /// Several ways through slices, pads, concatenations, transposes and reshapes back to the common shape.
  private func movement(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value {
    switch below(5) {
    case 0:
      let cut = build.emit(.slice, [a], ["axis": .integer(1), "start": .integer(1), "end": .integer(columns)])[0]
      return build.emit(.pad, [cut], ["axis": .integer(1), "before": .integer(0), "after": .integer(1)])[0]
    case 1:
      let both = build.emit(.concatenate, [a, b], ["axis": .integer(0)])[0]
      let start = below(rows + 1)
      return build.emit(
        .slice, [both], ["axis": .integer(0), "start": .integer(start), "end": .integer(start + rows)])[0]
    case 2: return build.transpose(build.emit1(.sine, build.transpose(a, [1, 0])), [1, 0])
    case 3: return build.reshape(build.transpose(a, [1, 0]), to: shape)
    default:
      let flat = build.reshape(a, to: [rows * columns])
      return build.multiply(build.reshape(flat, to: shape), build.emit1(.cosine, b))
    }
  }

  /// Values that lie in one larger one, which is read as it lies in memory: by a view, a product, another larger one.
  private func laidTogether(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value {
    let c = chance(50) ? pick([a, b]) : build.emit1([Operator.sine, .sigmoid][below(2)], chance(50) ? a : b)
    let operands = chance(50) ? [a, c] : [c, a]
    switch below(5) {
    case 0:
      let halves = build.reshape(concatenation(operands, 0), to: [2, rows, columns])
      return build.scale(build.sum(build.emit1(.sine, halves), [0]), by: 0.5)
    case 1:
      let axes = DotAxes(leftInner: [1], rightInner: [0])
      let product = build.dot(concatenation(operands, 1), concatenation([square, square], 0), axes)
      return build.emit1(.hyperbolicTangent, product)
    case 2:
      let inner = build.reshape(concatenation(operands, 1), to: [2 * rows, columns])
      let outer = concatenation(chance(50) ? [b, inner] : [inner, b], 0)
      let count = rows * columns
      let flat = build.reshape(outer, to: [3 * count])
      let start = below(2 * count + 1)
      return build.reshape(slice(flat, 0, start..<start + count), to: shape)
    case 3:
      let turned = build.reshape(build.transpose(build.emit1(.sine, a), [1, 0]), to: shape)
      let start = below(rows + 1)
      return slice(concatenation([turned, c], 0), 0, start..<start + rows)
    default:
      let axis = below(2)
      let parts = (0..<shape[axis]).map { slice(pick([a, b]), axis, $0..<$0 + 1) }.prefix(20)
      let joined = concatenation(Array(parts) + [slice(c, axis, 0..<shape[axis] - parts.count)], axis)
      return build.reshape(build.reshape(joined, to: [rows * columns]), to: shape)
    }
  }

  private func concatenation(_ operands: [Graph.Value], _ axis: Int) -> Graph.Value {
    build.emit(.concatenate, operands, ["axis": .integer(axis)])[0]
  }

  private func slice(_ value: Graph.Value, _ axis: Int, _ range: Range<Int>) -> Graph.Value {
    let (start, end) = (Attribute.integer(range.lowerBound), Attribute.integer(range.upperBound))
    return build.emit(.slice, [value], ["axis": .integer(axis), "start": start, "end": end])[0]
  }

  private func reduction(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value {
    let axes = [[0], [1], [0, 1]][below(3)]
    let reduced = chance(70) ? build.scale(build.sum(a, axes), by: 0.25) : build.largest(a, axes)
    return build.multiply(build.emit1(.sine, build.restore(reduced, axes, to: shape)), b)
  }

  private func stepDependent(_ a: Graph.Value) -> Graph.Value {
    guard let index = stepIndices.last else { return build.negate(a) }
    let number = build.scale(build.convert(index, to: type.elementType), by: 0.25)
    return build.emit1(.sine, build.add(a, build.broadcast(number, to: shape, axes: [])))
  }

  private func dot(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value {
    let product: Graph.Value
    switch below(6) {
    case 0: product = build.dot(a, square, DotAxes(leftInner: [1], rightInner: [0]))
    case 1: product = build.dot(a, square, DotAxes(leftInner: [1], rightInner: [1]))
    case 2:
      let cut = build.emit(.slice, [wide], ["axis": .integer(2), "start": .integer(2), "end": .integer(columns + 2)])[0]
      let one = build.emit(.slice, [cut], ["axis": .integer(0), "start": .integer(1), "end": .integer(2)])[0]
      product = build.dot(a, build.reshape(one, to: [columns, columns]), DotAxes(leftInner: [1], rightInner: [0]))
    case 3:
      let scores = build.dot(a, b, DotAxes(leftInner: [1], rightInner: [1]))
      product = build.dot(build.emit1(.softmax, scores), b, DotAxes(leftInner: [1], rightInner: [0]))
    case 4 where columns.isMultiple(of: 2):
      let (left, right) = (build.reshape(a, to: [rows, columns / 2, 2]), build.reshape(b, to: [rows, columns / 2, 2]))
      let small = build.dot(left, right, DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [1], rightInner: [1]))
      let back = build.dot(left, small, DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [2], rightInner: [2]))
      product = build.reshape(back, to: shape)
    default:
      let repeated = build.broadcast(vector, to: [columns, columns], axes: [0])
      product = build.dot(
        build.transpose(a, [1, 0]), build.add(repeated, square), DotAxes(leftInner: [0], rightInner: [0]))
    }
    switch below(4) {
    case 0: return build.add(a, build.scale(product, by: 0.125))
    // The product is added to what may be its own factor.
    case 1: return build.emit1(.hyperbolicTangent, build.add(chance(50) ? a : b, product))
    default: return build.emit1(.hyperbolicTangent, product)
    }
  }
}
