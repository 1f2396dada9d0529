import KernelIR
import TensorTypes

extension Operator {
  /// The same numbers as another element type; to integers by truncation, to booleans by comparison with 0.
  public static let convert: Operator = Operator(
    name: "convert", summary: "The same numbers as another element type.", kind: .elementwise,
    type: { signature in
      try signature.requireOperandCount(1, "convert")
      guard case .elementType(let elementType)? = signature.attributes["element_type"] else {
        throw TypeError("convert.1", "needs the element type 'element_type'")
      }
      return [signature.operands[0].with(elementType)]
    },
    gradient: .rule { context in
      let original = context.build.type(of: context.operand(0)).elementType
      return [original.isFloatingPoint ? context.build.convert(context.cotangent, to: original) : nil]
    },
    semantics: .primitive(
      evaluate: { [$0.operands[0].converted(to: $0.results[0].elementType)] },
      lower: { signature in
        let elementType = signature.results[0].elementType
        return Elementwise.pointwise(
          ScalarFunction("recurve_to_\(elementType.rawValue)({0})", resultType: elementType), signature)
      }),
    samples: [
      OperatorSample(
        [Elementwise.sampleType.with(.int32)], ["element_type": .elementType(.float32)], domains: [.integers(9)]),
      OperatorSample(
        [Elementwise.sampleType.with(.bool)], ["element_type": .elementType(.float32)], domains: [.booleans]),
      OperatorSample(
        [Elementwise.sampleType], ["element_type": .elementType(.int32)], domains: [.uniform(-5, 5)]),
    ])
}
