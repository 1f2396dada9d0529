extension Operator {
  /// The same tensor; its cotangent is zero.
  public static let stopGradient: Operator = Operator(
    name: "stop_gradient", summary: "The same tensor, through which no gradient flows.", kind: .control,
    type: { signature in
      try signature.requireOperandCount(1, "stop_gradient")
      return signature.operands
    },
    gradient: .none("it stops the gradient"),
    semantics: .primitive(evaluate: { $0.operands }, lower: { _ in .view }, export: Export.identity),
    integers: .moved, samples: [OperatorSample([Elementwise.sampleType], domains: [.uniform(-1, 1)])])
}
