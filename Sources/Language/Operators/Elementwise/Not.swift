import KernelIR
import TensorTypes

extension Operator {
  /// Whether the boolean is false.
  public static let not: Operator = Operator(
    name: "not", summary: "Whether the boolean is false.", kind: .elementwise,
    type: { signature in
      try signature.requireOperandCount(1, "not")
      let type = signature.operands[0]
      try signature.require(type.elementType == .bool, "not.1", "needs booleans, got \(type)")
      return [type]
    },
    gradient: .none("booleans carry no gradient"),
    semantics: .primitive(
      evaluate: { context in
        [HostTensor(context.results[0].shape, .bool(context.operands[0].doubles.map { $0 == 0 }))]
      },
      lower: { Elementwise.pointwise(.not, $0) }, export: Export.named("not")),
    samples: [OperatorSample([Elementwise.sampleType.with(.bool)], domains: [.booleans])])
}
