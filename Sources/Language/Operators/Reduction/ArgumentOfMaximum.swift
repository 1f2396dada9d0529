import KernelIR
import TensorTypes

extension Operator {
  /// The position of the largest element along one axis, the first of equals, zeros of either sign among them; the first
  /// NaN if there is one.
  ///
  /// - Shape: `T[..., n, ...] -> i32[..., ...]`, without the axis.
  /// - Constraint `argument_of_maximum.3`: there is an element, since nothing has no maximum.
  public static let argumentOfMaximum: Operator = Operator(
    name: "argument_of_maximum", summary: "The position of the largest element along one axis.",
    kind: .reduction,
    type: { signature in
      try signature.requireOperandCount(1, "argument_of_maximum")
      try signature.requireFloatingPoint(0, "argument_of_maximum.1")
      let axis = try signature.requireInteger("axis", "argument_of_maximum.2")
      try signature.requireAxes([axis], of: signature.operands[0], "argument_of_maximum.2")
      try Reduction.requireElements(signature, [axis], "argument_of_maximum.3")
      try signature.requirePositions(signature.operands[0].shape[axis], "argument_of_maximum.4")
      return [TensorType(.int32, signature.operands[0].shape.removing([axis]))]
    },
    gradient: .none("a position is constant almost everywhere"),
    semantics: .primitive(
      evaluate: { context in
        let axis = context.attributes.integer("axis")
        let (starts, steps) = Reduction.groups(context.operands[0].shape, [axis])
        let elements = context.operands[0].doubles
        let positions = starts.map { start in
          steps.indices.reduce(0) { best, index in
            let (x, largest) = (elements[start + steps[index]], elements[start + steps[best]])
            return x > largest || (x.isNaN && !largest.isNaN) ? index : best
          }
        }
        return [HostTensor(context.results[0].shape, .int32(positions.map(Int32.init)))]
      },
      lower: { Reduction.lower($0, [$0.attributes.integer("axis")], .argumentOfMaximum) },
      export: Export.argumentOfMaximum),
    samples: [
      OperatorSample([TensorType(.float32, [3, 50])], ["axis": .integer(1)], domains: [.distinct]),
      OperatorSample([TensorType(.float32, [3, 5, 2])], ["axis": .integer(1)], domains: [.distinct]),
    ])
}
