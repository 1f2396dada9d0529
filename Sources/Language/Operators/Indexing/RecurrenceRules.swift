import GraphIR
import KernelIR
import TensorTypes

/// What operators share of which each place depends on the one before.
enum Recurrence {
  static func cumulative(
    _ name: String, _ summary: String, isProduct: Bool,
    gradient: @escaping @Sendable (GradientContext) -> [Graph.Value?]
  ) -> Operator {
    Operator(
      name: name, summary: summary, kind: .reduction,
      type: { signature in
        try signature.requireOperandCount(1, name)
        let type = signature.operands[0]
        try signature.require(type.elementType != .bool, "\(name).1", "needs numbers, got \(type)")
        try requireAttributes(signature, name, ["reversed", "exclusive"])
        return [type]
      },
      gradient: .rule(gradient),
      semantics: .primitive(
        evaluate: { [evaluate($0, hasFactor: isProduct, hasTerm: !isProduct)] },
        lower: { lower($0, hasFactor: isProduct, hasTerm: !isProduct) }, export: Export.cumulative(isProduct: isProduct)
      ),
      samples: [(1, false, false), (1, true, true), (0, true, false), (2, false, true)].map {
        axis, reversed, excludes in
        OperatorSample(
          [TensorType(.float32, [3, 7, 5])],
          ["axis": .integer(axis), "reversed": .flag(reversed), "exclusive": .flag(excludes)],
          domains: [.uniform(-1.5, 1.5)])
      })
  }

  static func requireAttributes(_ signature: OperationSignature, _ name: String, _ flags: [String]) throws {
    let axis = try signature.requireInteger("axis", "\(name).3")
    try signature.requireAxes([axis], of: signature.operands[0], "\(name).3")
    try signature.requirePositions(signature.operands[0].shape[axis], "\(name).3")
    for flag in flags {
      guard case .flag? = signature.attributes[flag] else { throw TypeError("\(name).4", "needs the flag '\(flag)'") }
    }
  }

  /// The same, from the other end.
  static func turned(_ attributes: Attributes) -> Attributes {
    var turned = attributes
    turned["reversed"] = .flag(!attributes.flag("reversed"))
    return turned
  }

  /// Each place holds what the next one of the recurrence's order has; the last one, nothing.
  static func moved(_ value: Graph.Value, _ attributes: Attributes, _ build: GraphBuilder) -> Graph.Value {
    let (axis, isReversed) = (attributes.integer("axis"), attributes.flag("reversed"))
    let extent = build.type(of: value).shape[axis]
    guard extent > 0 else { return value }
    let range: Attributes = [
      "axis": .integer(axis), "start": .integer(isReversed ? 0 : 1), "end": .integer(isReversed ? extent - 1 : extent),
    ]
    let padding: Attributes = [
      "axis": .integer(axis), "before": .integer(isReversed ? 1 : 0), "after": .integer(isReversed ? 0 : 1),
    ]
    return build.emit(.pad, [build.emit(.slice, [value], range)[0]], padding)[0]
  }

  static func lower(_ signature: OperationSignature, hasFactor: Bool, hasTerm: Bool) -> Lowering {
    let type = signature.results[0]
    let axis = signature.attributes.integer("axis")
    return .rows(
      .recur(
        RecurrentRows(
          outerCount: type.shape.extents[..<axis].reduce(1, *), count: type.shape[axis],
          width: type.shape.extents[(axis + 1)...].reduce(1, *), hasFactor: hasFactor, hasTerm: hasTerm,
          isReversed: signature.attributes.flag("reversed"), isExclusive: signature.attributes.flag("exclusive"),
          elementType: type.elementType)))
  }

  static func evaluate(_ context: EvaluationContext, hasFactor: Bool, hasTerm: Bool) -> HostTensor {
    let type = context.results[0]
    switch type.elementType {
    case .float32:
      return HostTensor(type.shape, .float32(run(context, context.operands.map(\.floats), hasFactor, hasTerm, -0.0)))
    case .float64:
      return HostTensor(type.shape, .float64(run(context, context.operands.map(\.doubles), hasFactor, hasTerm, -0.0)))
    case .int32, .bool:
      // Modulo 2^32.
      let words = context.operands.map { $0.integers.map { Wrapping($0) } }
      let result: [Wrapping] = run(context, words, hasFactor, hasTerm, Wrapping(0))
      return HostTensor(type.shape, .int32(result.map(\.number)))
    }
  }

  private static func run<Number: Numeric>(
    _ context: EvaluationContext, _ operands: [[Number]], _ hasFactor: Bool, _ hasTerm: Bool, _ zero: Number
  ) -> [Number] {
    let shape = context.results[0].shape
    let axis = context.attributes.integer("axis")
    let (starts, steps) = Reduction.groups(shape, [axis])
    let isExclusive = context.attributes.flag("exclusive")
    let order = context.attributes.flag("reversed") ? Array(steps.reversed()) : steps
    var result = Array(repeating: zero, count: shape.elementCount)
    for start in starts {
      for (index, step) in order.enumerated() {
        let place = start + step
        guard index > 0 else {
          let identity: Number = hasTerm ? zero : 1
          result[place] = isExclusive ? identity : operands[operands.count - 1][place]
          continue
        }
        let before = start + order[index - 1]
        let read = isExclusive ? before : place
        let product = hasFactor ? operands[0][read] * result[before] : result[before]
        result[place] = hasTerm ? product + operands[operands.count - 1][read] : product
      }
    }
    return result
  }
}

/// Whole numbers modulo 2^32.
private struct Wrapping: Numeric {
  var number: Int32

  init(_ number: Int32) { self.number = number }
  init(integerLiteral value: Int32) { number = value }
  init?(exactly source: some BinaryInteger) {
    guard let number = Int32(exactly: source) else { return nil }
    self.number = number
  }

  var magnitude: UInt32 { number.magnitude }
  static func + (a: Self, b: Self) -> Self { Self(a.number &+ b.number) }
  static func - (a: Self, b: Self) -> Self { Self(a.number &- b.number) }
  static func * (a: Self, b: Self) -> Self { Self(a.number &* b.number) }
  static func *= (a: inout Self, b: Self) { a = a * b }
}
