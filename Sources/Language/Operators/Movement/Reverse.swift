import GraphIR
import KernelIR
import TensorTypes

extension Operator {
  /// The elements along one axis from the last to the first.
  public static let reverse: Operator = Operator(
    name: "reverse", summary: "The elements along one axis from the last to the first.", kind: .indexing,
    type: { signature in
      try signature.requireOperandCount(1, "reverse")
      let type = signature.operands[0]
      let axis = try signature.requireInteger("axis", "reverse.1")
      try signature.requireAxes([axis], of: type, "reverse.1")
      try signature.requirePositions(type.shape[axis], "reverse.2")
      return [type]
    },
    gradient: .rule { context in
      [context.build.emit(.reverse, [context.cotangent], context.operation.attributes)[0]]
    },
    semantics: .primitive(
      evaluate: { context in
        let (shape, axis) = (context.operands[0].shape, context.attributes.integer("axis"))
        return [
          Movement.gather(context.operands[0], shape) { position in
            shape.offset(position) + (shape[axis] - 1 - 2 * position[axis]) * shape.strides[axis]
          }
        ]
      },
      lower: { signature in
        let (shape, axis) = (signature.results[0].shape, signature.attributes.integer("axis"))
        let indices = (0..<shape.rank).map { position -> ScalarExpression.AxisIndex in
          let own = AffineIndex.axis(position, of: shape.rank)
          guard position == axis else { return .affine(own) }
          // Not as an affine index that falls: what reads memory backwards is not folded into products.
          let last = ScalarExpression.number(Double(shape[axis] - 1), .int32)
          return .computed(.apply(.subtract, [last, .index(own)]), bound: shape[axis])
        }
        return .map(.operand(0, indices))
      },
      export: {
        let dimensions = StableHLOBuilder.text([$0.axis])
        return [$0.build.emit("reverse", $0.operand(0), attributes: ["dimensions": dimensions], to: $0.results[0])]
      }),
    integers: .moved,
    samples: [
      OperatorSample([TensorType(.float32, [3, 5, 2])], ["axis": .integer(1)], domains: [.uniform(-1, 1)]),
      OperatorSample([TensorType(.int32, [7])], ["axis": .integer(0)], domains: [.integers(9)]),
    ])
}
