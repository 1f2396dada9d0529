import KernelIR
import TensorTypes

extension Operator {
  /// The same tensor in a buffer of its own.
  public static let copy: Operator = Operator(
    name: "copy", summary: "The same tensor in a buffer of its own.", kind: .elementwise,
    type: { signature in
      try signature.requireOperandCount(1, "copy")
      return signature.operands
    },
    gradient: .rule { [$0.cotangent] },
    semantics: .primitive(
      evaluate: { $0.operands },
      lower: { Elementwise.pointwise(.identity, $0) }, export: Export.identity),
    integers: .moved, samples: [OperatorSample([Elementwise.sampleType], domains: [.uniform(-2, 2)])])
}
