import KernelIR
import TensorTypes

extension Operator {
  /// Elements of the second operand where the first is true, of the third elsewhere.
  ///
  /// - Shape: `bool[S], T[S], T[S] -> T[S]`.
  public static let select: Operator = Operator(
    name: "select", summary: "Elements of a where the condition holds, of b elsewhere.", kind: .elementwise,
    type: { signature in
      try signature.requireOperandCount(3, "select")
      let types = signature.operands
      let shape = try signature.commonShape("select")
      try signature.require(types[0].elementType == .bool, "select.2", "needs booleans first, got \(types[0])")
      try signature.require(
        types[1].elementType == types[2].elementType, "select.3",
        "both choices must have one element type, got \(types[1]) and \(types[2])")
      return [types[1].with(shape)]
    },
    gradient: .rule { context in
      let build = context.build
      let zero = build.constant(0, like: context.cotangent)
      return [
        nil, build.select(context.operand(0), context.cotangent, zero),
        build.select(context.operand(0), zero, context.cotangent),
      ]
    },
    semantics: .primitive(
      evaluate: { context in
        let conditions = context.operands[0].doubles.map { $0 != 0 }
        func choose<Element>(_ a: [Element], _ b: [Element]) -> [Element] {
          conditions.indices.map { conditions[$0] ? a[$0] : b[$0] }
        }
        let shape = context.results[0].shape
        switch (context.operands[1].storage, context.operands[2].storage) {
        case (.float32(let a), .float32(let b)): return [HostTensor(shape, .float32(choose(a, b)))]
        case (.int32(let a), .int32(let b)): return [HostTensor(shape, .int32(choose(a, b)))]
        case (.bool(let a), .bool(let b)): return [HostTensor(shape, .bool(choose(a, b)))]
        default:
          return [HostTensor(shape, .float64(choose(context.operands[1].doubles, context.operands[2].doubles)))]
        }
      },
      lower: { Elementwise.pointwise(.select, $0) }, export: Export.named("select")),
    samples: [
      OperatorSample(
        [Elementwise.sampleType.with(.bool), Elementwise.sampleType, Elementwise.sampleType],
        domains: [.booleans, .uniform(-2, 2), .uniform(-2, 2)])
    ])
}
