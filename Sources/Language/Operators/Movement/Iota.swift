import KernelIR
import TensorTypes

extension Operator {
  /// The position along one axis, as i32.
  public static let iota: Operator = Operator(
    name: "iota", summary: "The position along one axis.", kind: .constant,
    type: { signature in
      try signature.requireOperandCount(0, "iota")
      let type = TensorType(.int32, try Movement.requireShape(signature, "iota.1"))
      let axis = try signature.requireInteger("axis", "iota.2")
      try signature.requireAxes([axis], of: type, "iota.2")
      try signature.requirePositions(type.shape[axis], "iota.3")
      return [type]
    },
    gradient: .none("an iota has no operands"),
    semantics: .primitive(
      evaluate: { context in
        let axis = context.attributes.integer("axis")
        let positions = Movement.positions(context.results[0].shape).map { Int32($0[axis]) }
        return [HostTensor(context.results[0].shape, .int32(positions))]
      },
      lower: { signature in
        .map(.index(.axis(signature.attributes.integer("axis"), of: signature.results[0].shape.rank)))
      }, export: { [$0.build.iota($0.results[0], axis: $0.axis)] }),
    samples: [OperatorSample([], ["shape": .integers([3, 4]), "axis": .integer(1)], domains: [])])
}
