import GraphIR
import KernelIR
import TensorTypes

extension Operator {
  /// Zeros before and after the elements along one axis: -0, the exact identity of addition, so that sums of padded
  /// tensors that do not overlap are their elements to the bit.
  public static let pad: Operator = Operator(
    name: "pad", summary: "Zeros before and after the elements along one axis.", kind: .movement,
    type: { signature in
      try signature.requireOperandCount(1, "pad")
      let type = signature.operands[0]
      let axis = try signature.requireInteger("axis", "pad.1")
      try signature.requireAxes([axis], of: type, "pad.1")
      let before = try signature.requireInteger("before", "pad.2")
      let after = try signature.requireInteger("after", "pad.2")
      try signature.require(
        before >= 0 && after >= 0, "pad.2", "padding must not be negative, got \(before) and \(after)")
      try signature.require(
        max(before, after) <= TensorType.mostBytes, "pad.2",
        "\(before) and \(after) are more than a process can address")
      var shape = type.shape
      shape.extents[axis] += before + after
      try signature.requirePositions(shape.extents[axis], "pad.3")
      return [type.with(shape)]
    },
    gradient: .rule { context in
      let attributes = context.operation.attributes
      let axis = attributes.integer("axis")
      let start = attributes.integer("before")
      let extent = context.build.type(of: context.operand(0)).shape[axis]
      let range: Attributes = ["axis": .integer(axis), "start": .integer(start), "end": .integer(start + extent)]
      return [context.build.emit(.slice, [context.cotangent], range)[0]]
    },
    semantics: .primitive(
      evaluate: { context in
        let (shape, axis) = (context.operands[0].shape, context.attributes.integer("axis"))
        let before = context.attributes.integer("before")
        return [
          Movement.gather(context.operands[0], context.results[0].shape) { position in
            let along = position[axis] - before
            guard (0..<shape[axis]).contains(along) else { return nil }
            return shape.offset(position) - before * shape.strides[axis]
          }
        ]
      },
      lower: { signature in
        var indices = AffineIndex.identity(rank: signature.results[0].shape.rank)
        let axis = signature.attributes.integer("axis")
        indices[axis] = indices[axis] + -signature.attributes.integer("before")
        return .map(
          .choose(
            .isWithin(indices[axis], 0..<signature.operands[0].shape[axis]), .element(0, indices),
            .number(signature.results[0].elementType.isFloatingPoint ? -0.0 : 0, signature.results[0].elementType)))
      },
      export: {
        let (before, after) = ($0.attributes.integer("before"), $0.attributes.integer("after"))
        return [$0.build.pad($0.operand(0), axis: $0.axis, before: before, after: after, with: -0.0)]
      }),
    integers: .moved,
    samples: [
      OperatorSample(
        [TensorType(.float32, [3, 4, 2])],
        ["axis": .integer(1), "before": .integer(2), "after": .integer(1)], domains: [.uniform(-1, 1)])
    ])
}
