import TensorTypes

extension Operator {
  /// The sum over some axes, which disappear. The sum of nothing is -0, the exact identity of addition.
  public static let sum: Operator = Operator(
    name: "sum", summary: "The sum over some axes, which disappear.", kind: .reduction,
    type: { try Reduction.type($0, "sum") },
    gradient: .rule { context in
      let shape = context.build.type(of: context.operand(0)).shape
      return [context.build.restore(context.cotangent, context.operation.attributes.integers("axes"), to: shape)]
    },
    semantics: .primitive(
      evaluate: { context in
        let (starts, steps) = Reduction.groups(context.operands[0].shape, context.attributes.integers("axes"))
        let shape = context.results[0].shape
        guard case .float32(let elements) = context.operands[0].storage else {
          let elements = context.operands[0].doubles
          return [
            HostTensor(
              shape,
              .float64(starts.map { s in Reduction.combine(steps.map { elements[s + $0] }, identity: -0.0, +) }))
          ]
        }
        return [
          HostTensor(
            shape,
            .float32(starts.map { s in Reduction.combine(steps.map { elements[s + $0] }, identity: -0.0, +) }))
        ]
      },
      lower: { signature in
        let axes = signature.attributes.integers("axes")
        guard signature.operands[0].shape.selecting(axes).elementCount > 0 else {
          return .map(.number(-0.0, signature.results[0].elementType))
        }
        return Reduction.lower(signature, axes, .sum)
      }, export: Export.sum),
    samples: Reduction.samples)
}
