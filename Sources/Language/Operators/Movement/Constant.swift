import KernelIR
import TensorTypes

extension Operator {
  /// A tensor with every element equal to one number.
  public static let constant: Operator = Operator(
    name: "constant", summary: "A tensor with every element equal to one number.", kind: .constant,
    type: { signature in
      try signature.requireOperandCount(0, "constant")
      let shape = try Movement.requireShape(signature, "constant.1")
      guard case .elementType(let elementType)? = signature.attributes["element_type"],
        case .number(let value)? = signature.attributes["value"]
      else { throw TypeError("constant.2", "needs 'element_type' and the number 'value'") }
      if let problem = elementType.problem(holding: value) { throw TypeError("constant.3", problem) }
      return [TensorType(elementType, shape)]
    },
    gradient: .none("a constant has no operands"),
    semantics: .primitive(
      evaluate: { [HostTensor($0.results[0], repeating: $0.attributes.number("value"))] },
      lower: { .map(.number($0.attributes.number("value"), $0.results[0].elementType)) },
      export: { [$0.build.constant($0.attributes.number("value"), $0.results[0])] }),
    samples: [
      OperatorSample(
        [], ["value": .number(-0.0), "element_type": .elementType(.float32), "shape": .integers([3])], domains: [])
    ])
}
