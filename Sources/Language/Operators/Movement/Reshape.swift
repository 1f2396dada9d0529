import KernelIR
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
      evaluate: { [HostTensor($0.results[0].shape, $0.operands[0].storage)] }, lower: lowerReshape,
      export: { [$0.build.reshape($0.operand(0), to: $0.results[0].shape)] }),
    integers: .moved,
    samples: [
      OperatorSample([TensorType(.float32, [3, 8])], ["shape": .integers([4, 6])], domains: [.uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [3, 1, 8])], ["shape": .integers([1, 3, 8, 1])], domains: [.uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [0, 4])], ["shape": .integers([2, 3, 0])], domains: [.uniform(-1, 1)]),
    ])

  /// Adding or dropping axes of extent 1 is a matter of indices; everything else needs the bytes in their order.
  @Sendable private static func lowerReshape(_ signature: OperationSignature) -> Lowering {
    let (old, new) = (signature.operands[0].shape, signature.results[0].shape)
    let longOld = (0..<old.rank).filter { old[$0] != 1 }
    let longNew = (0..<new.rank).filter { new[$0] != 1 }
    guard longOld.map({ old[$0] }) == longNew.map({ new[$0] }) else { return .view }
    var indices = Array(repeating: AffineIndex.fixed(0, rank: new.rank), count: old.rank)
    for (axis, source) in zip(longNew, longOld) { indices[source] = .axis(axis, of: new.rank) }
    return .map(.element(0, indices))
  }
}
