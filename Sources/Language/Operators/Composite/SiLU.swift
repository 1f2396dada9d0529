extension Operator {
  /// `x * sigmoid(x)` (Elfwing et al. 2017).
  public static let silu: Operator = Operator(
    name: "silu", summary: "x * sigmoid(x).", kind: .elementwise,
    type: { try Composite.elementwiseType($0, "silu", 1) },
    gradient: .rule { context in
      let slope = context.build.siluSlope(context.operand(0))
      return [context.build.multiply(context.cotangent, slope)]
    },
    semantics: .composite { _, operands, build in [build.silu(operands[0])] },
    samples: [OperatorSample([Elementwise.sampleType], domains: [.uniform(-3, 3)])])
}
