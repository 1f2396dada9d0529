import GraphIR
import Modeling
import Operators
import TensorTypes

extension ProgramWriter {
  // MARK: Element-wise

  mutating func addElementwise() {
    let value = pick()
    switch random.below(options.isSmooth ? 3 : 5) {
    case 0: pool.append(unary(value))
    case 1, 2: pool.append(binary(value, fitted(pick(), to: type(value).shape)))
    case 3: pool.append(selected(value, fitted(pick(), to: type(value).shape)))
    default: pool.append(throughOtherType(value))
    }
  }

  private mutating func unary(_ value: Graph.Value) -> Graph.Value {
    let smooth: [Operator] = [
      .negate, .hyperbolicTangent, .sigmoid, .sine, .cosine, .silu, .gelu, .errorFunction, .copy,
    ]
    switch random.below(5) {
    case 0: return build.emit1(.exponential, bounded(value))
    case 1:
      let positive = build.add(build.multiply(value, value), build.constant(0.5, like: value))
      return build.emit1(random.element(of: [.logarithm, .squareRoot, .reciprocalSquareRoot, .logarithm1p]), positive)
    case 2 where !options.isSmooth:
      return build.emit1(random.element(of: [.absolute, .sign, .floor, .stopGradient]), value)
    default: return build.emit1(random.element(of: smooth), value)
    }
  }

  private mutating func binary(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value {
    switch random.below(8) {
    case 0: return build.divide(a, build.add(build.multiply(b, b), build.constant(1, like: b)))
    case 1 where !options.isSmooth: return build.emit1(random.element(of: [.maximum, .minimum]), a, b)
    case 2: return build.emit1(.swiglu, a, b)
    case 3: return build.multiply(a, bounded(b))
    case 4: return build.emit1(.arctangent2, a, build.add(build.multiply(b, b), build.constant(1, like: b)))
    default: return build.emit1(random.element(of: [.add, .subtract, .add]), a, b)
    }
  }

  private mutating func selected(_ a: Graph.Value, _ b: Graph.Value) -> Graph.Value {
    var condition = build.emit1(random.element(of: [.less, .lessOrEqual, .equal]), a, b)
    if random.isTrue(oneIn: 2) { condition = build.emit1(.not, condition) }
    if random.isTrue(oneIn: 3) {
      let other = build.emit1(.less, a, build.constant(0, like: a))
      condition = build.emit1(random.element(of: [.and, .or]), condition, other)
    }
    return build.select(condition, b, a)
  }

  /// Numbers that pass through another element type: other sizes in the same places.
  private mutating func throughOtherType(_ value: Graph.Value) -> Graph.Value {
    switch random.below(3) {
    case 0: return build.convert(build.emit1(.sine, build.convert(value, to: .float64)), to: .float32)
    case 1:
      let scaled = build.scale(bounded(value), by: 5)
      return build.convert(build.convert(scaled, to: .int32), to: .float32)
    default: return build.convert(build.convert(build.emit1(.floor, value), to: .bool), to: .float32)
    }
  }

  /// The value through a function with small results and slopes.
  mutating func bounded(_ value: Graph.Value) -> Graph.Value {
    build.emit1(random.element(of: [.hyperbolicTangent, .sine, .sigmoid]), value)
  }

  // MARK: Rows

  mutating func addRows() {
    let value = pick()
    let rank = type(value).shape.rank
    guard rank > 0, type(value).shape.elementCount > 0 else { return pool.append(unary(value)) }
    switch random.below(options.isSmooth ? 4 : 6) {
    case 0: pool.append(build.emit1(.softmax, value))
    case 1: pool += build.emit(.rootMeanSquareNormalize, [value], ["epsilon": .number(0.1)])
    case 2: pool.append(build.emit(.layerNormalize, [value], ["epsilon": .number(0.1)])[0])
    case 3: pool.append(build.sum(value, someAxes(rank)))
    case 4: pool.append(build.largest(value, someAxes(rank)))
    default: pool.append(crossEntropy(value))
    }
  }

  private mutating func someAxes(_ rank: Int) -> [Int] {
    let axes = (0..<rank).filter { _ in random.isTrue(oneIn: 2) }
    return axes.isEmpty ? [rank - 1] : axes
  }

  private mutating func crossEntropy(_ scores: Graph.Value) -> Graph.Value {
    let axis = type(scores).shape.rank - 1
    let labels = build.emit1(.argumentOfMaximum, fitted(pick(), to: type(scores).shape), attributes: ["axis": .integer(axis)])
    let used: Operator = random.element(of: [.crossEntropy, .stablemaxCrossEntropy])
    return build.emit(used, [scores, labels], ["ignored_label": .integer(1)])[0]
  }

  // MARK: Indexing

  mutating func addIndexing() {
    let table = pick()
    let shape = type(table).shape
    guard shape.rank > 0, !options.isSmooth || random.isTrue(oneIn: 2) else { return addMovement() }
    let rows = numberVector()
    if shape.rank < 3, random.isTrue(oneIn: 2) {
      pool.append(build.emit1(.gather, table, rows))
    } else {
      let updates = fitted(pick(), to: Shape(type(rows).shape.extents + shape.extents.dropFirst()))
      pool.append(build.emit1(.scatterAdd, table, rows, updates))
    }
  }

  private mutating func numberVector() -> Graph.Value {
    switch random.below(3) {
    case 0 where !options.isSmooth:
      let value = pick()
      guard (1...2).contains(type(value).shape.rank), type(value).shape.elementCount > 0 else { fallthrough }
      let last = type(value).shape.rank - 1
      numbers.append(build.emit1(.argumentOfMaximum, value, attributes: ["axis": .integer(last)]))
    case 1:
      numbers.append(build.iota(TensorType(.int32, shape(ranks: 1...2)), axis: 0))
    default: break
    }
    return random.element(of: numbers)
  }
}
