import TensorTypes

extension Operator {
  /// The same elements in the same order under another shape.
  public static let reshape: Operator = Operator(
    name: "reshape", summary: "The same elements in the same order under another shape.", kind: .movement,
    type: { signature in
      try signature.requireOperandCount(1, "reshape")
      let shape = try Movement.requireShape(signature, "reshape.1")
      let type = signature.operands[0]
      try signature.require(
        shape.elementCount == type.elementCount, "reshape.2",
        "needs \(type.elementCount) elements as \(type) has, got [\(shape)]")
      return [type.with(shape)]
    },
    gradient: .rule { context in
      [context.build.reshape(context.cotangent, to: context.build.type(of: context.operand(0)).shape)]
    },
    semantics: .primitive(
      evaluate: { [HostTensor($0.results[0].shape, $0.operands[0].storage)] }, lower: { _ in .view }),
    samples: [
      OperatorSample([TensorType(.float32, [3, 8])], ["shape": .integers([4, 6])], domains: [.uniform(-1, 1)])
    ])
}
