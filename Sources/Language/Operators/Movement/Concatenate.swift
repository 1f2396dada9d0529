import GraphIR
import KernelIR
import TensorTypes

extension Operator {
  /// Tensors laid one after another along one axis.
  public static let concatenate: Operator = Operator(
    name: "concatenate", summary: "Tensors laid one after another along one axis.", kind: .movement,
    type: { signature in
      let types = signature.operands
      try signature.require(!types.isEmpty, "concatenate.0", "needs at least one operand")
      let axis = try signature.requireInteger("axis", "concatenate.1")
      try signature.requireAxes([axis], of: types[0], "concatenate.1")
      for type in types.dropFirst() {
        try signature.require(
          type.elementType == types[0].elementType && type.shape.rank == types[0].shape.rank
            && type.shape.removing([axis]) == types[0].shape.removing([axis]),
          "concatenate.2", "all axes but \(axis) must agree, got \(types[0]) and \(type)")
      }
      var shape = types[0].shape
      let extents = types.map { $0.shape[axis] }
      try signature.require(
        extents.reduce(0.0) { $0 + Double($1) } < Double(1 << 62 as Int), "concatenate.3",
        "\(types.count) operands are longer than any tensor")
      shape.extents[axis] = extents.reduce(0, +)
      try signature.requirePositions(shape.extents[axis], "concatenate.4")
      if types.contains(where: { $0.shape.names[axis] != shape.names[axis] }) { shape.names[axis] = nil }
      return [types[0].with(shape)]
    },
    gradient: .rule { context in
      let axis = context.operation.attributes.integer("axis")
      var start = 0
      return context.operation.operands.map { operand in
        let end = start + context.build.type(of: operand).shape[axis]
        defer { start = end }
        return context.build.emit(
          .slice, [context.cotangent], ["axis": .integer(axis), "start": .integer(start), "end": .integer(end)])[0]
      }
    },
    semantics: .primitive(
      evaluate: concatenation, lower: lowerConcatenation,
      export: { [$0.build.concatenate($0.operands, axis: $0.axis, to: $0.results[0])] }),
    integers: .moved,
    samples: [
      OperatorSample(
        [TensorType(.float32, [3, 4]), TensorType(.float32, [3, 2]), TensorType(.float32, [3, 5])],
        ["axis": .integer(1)], domains: [.uniform(-1, 1), .uniform(-1, 1), .uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [0, 3]), TensorType(.float32, [2, 3]), TensorType(.float32, [0, 3])],
        ["axis": .integer(0)], domains: [.uniform(-1, 1), .uniform(-1, 1), .uniform(-1, 1)]),
    ])

  @Sendable private static func concatenation(_ context: EvaluationContext) -> [HostTensor] {
    let axis = context.attributes.integer("axis")
    var start = 0
    var result = HostTensor(context.results[0], repeating: 0)
    for operand in context.operands {
      let shape = operand.shape
      let begin = start
      let placed = Movement.gather(operand, result.shape) { position in
        var local = position
        local[axis] -= begin
        return (0..<shape[axis]).contains(local[axis]) ? shape.offset(local) : nil
      }
      let range = begin..<(begin + shape[axis])
      result = choose(result, placed) { range.contains($0[axis]) }
      start += shape[axis]
    }
    return [result]
  }

  private static func choose(_ a: HostTensor, _ b: HostTensor, _ takesB: ([Int]) -> Bool) -> HostTensor {
    let flags = Movement.positions(a.shape).map(takesB)
    func pick<Element>(_ a: [Element], _ b: [Element]) -> [Element] {
      flags.indices.map { flags[$0] ? b[$0] : a[$0] }
    }
    switch (a.storage, b.storage) {
    case (.float32(let x), .float32(let y)): return HostTensor(a.shape, .float32(pick(x, y)))
    case (.int32(let x), .int32(let y)): return HostTensor(a.shape, .int32(pick(x, y)))
    case (.bool(let x), .bool(let y)): return HostTensor(a.shape, .bool(pick(x, y)))
    default: return HostTensor(a.shape, .float64(pick(a.doubles, b.doubles)))
    }
  }

  @Sendable private static func lowerConcatenation(_ signature: OperationSignature) -> Lowering {
    let axis = signature.attributes.integer("axis")
    let identity = AffineIndex.identity(rank: signature.results[0].shape.rank)
    let starts = signature.operands.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.shape[axis]) }
    // Halved again and again, so that neither the text nor the work of one element nests as deep as there are operands.
    func element(of operands: Range<Int>) -> ScalarExpression {
      if operands.count == 1 {
        var indices = identity
        indices[axis] = indices[axis] + -starts[operands.lowerBound]
        return .element(operands.lowerBound, indices)
      }
      let middle = operands.lowerBound + operands.count / 2
      return .choose(
        .isWithin(identity[axis], 0..<starts[middle]), element(of: operands.lowerBound..<middle),
        element(of: middle..<operands.upperBound))
    }
    return .assemble(axis: axis, otherwise: element(of: signature.operands.indices))
  }
}
