import KernelIR
import TensorTypes

extension Operator {
  /// The axes in another order: axis `i` of the result is axis `permutation[i]` of the operand.
  public static let transpose: Operator = Operator(
    name: "transpose", summary: "The axes in another order.", kind: .movement,
    type: { signature in
      try signature.requireOperandCount(1, "transpose")
      let permutation = try signature.requireIntegers("permutation", "transpose.1")
      let type = signature.operands[0]
      try signature.requireAxes(permutation, of: type, "transpose.1")
      try signature.require(
        permutation.count == type.shape.rank, "transpose.1", "needs all axes of \(type), got \(permutation)")
      return [type.with(type.shape.selecting(permutation))]
    },
    gradient: .rule { context in
      let permutation = context.operation.attributes.integers("permutation")
      return [context.build.transpose(context.cotangent, inverse(permutation))]
    },
    semantics: .primitive(
      evaluate: { context in
        let (shape, permutation) = (context.operands[0].shape, context.attributes.integers("permutation"))
        return [
          Movement.gather(context.operands[0], context.results[0].shape) { position in
            shape.offset(inverse(permutation).map { position[$0] })
          }
        ]
      },
      lower: { signature in
        let permutation = signature.attributes.integers("permutation")
        return .map(.element(0, inverse(permutation).map { .axis($0, of: permutation.count) }))
      }, export: { [$0.build.transpose($0.operand(0), $0.attributes.integers("permutation"), to: $0.results[0])] }),
    integers: .moved,
    samples: [
      OperatorSample(
        [TensorType(.float32, [3, 4, 5])], ["permutation": .integers([2, 0, 1])], domains: [.uniform(-1, 1)])
    ])
}
