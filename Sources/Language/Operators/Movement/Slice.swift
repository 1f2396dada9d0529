import GraphIR
import KernelIR
import TensorTypes

extension Operator {
  /// The elements from `start` up to, not including, `end` along one axis.
  public static let slice: Operator = Operator(
    name: "slice", summary: "A range along one axis.", kind: .movement,
    type: { signature in
      try signature.requireOperandCount(1, "slice")
      let axis = try signature.requireInteger("axis", "slice.1")
      let type = signature.operands[0]
      try signature.requireAxes([axis], of: type, "slice.1")
      let start = try signature.requireInteger("start", "slice.2")
      let end = try signature.requireInteger("end", "slice.2")
      try signature.require(
        0 <= start && start <= end && end <= type.shape[axis], "slice.2",
        "range \(start)..<\(end) must lie in 0..<\(type.shape[axis]), axis \(axis) of \(type)")
      // Its gradient is padded.
      try signature.requirePositions(type.shape[axis], "slice.3")
      var shape = type.shape
      shape.extents[axis] = end - start
      return [type.with(shape)]
    },
    gradient: .rule { context in
      let attributes = context.operation.attributes
      let axis = attributes.integer("axis")
      let extent = context.build.type(of: context.operand(0)).shape[axis]
      let padding: Attributes = [
        "axis": .integer(axis), "before": .integer(attributes.integer("start")),
        "after": .integer(extent - attributes.integer("end")),
      ]
      return [context.build.emit(.pad, [context.cotangent], padding)[0]]
    },
    semantics: .primitive(
      evaluate: { context in
        let (shape, axis) = (context.operands[0].shape, context.attributes.integer("axis"))
        let start = context.attributes.integer("start")
        return [
          Movement.gather(context.operands[0], context.results[0].shape) { position in
            shape.offset(position) + start * shape.strides[axis]
          }
        ]
      },
      lower: { signature in
        var indices = AffineIndex.identity(rank: signature.results[0].shape.rank)
        let axis = signature.attributes.integer("axis")
        indices[axis] = indices[axis] + signature.attributes.integer("start")
        return .map(.element(0, indices))
      },
      export: {
        let range = $0.attributes.integer("start")..<$0.attributes.integer("end")
        return [$0.build.slice($0.operand(0), axis: $0.axis, range)]
      }),
    integers: .moved,
    samples: [
      OperatorSample(
        [TensorType(.float32, [3, 9, 2])],
        ["axis": .integer(1), "start": .integer(2), "end": .integer(7)], domains: [.uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [3, 9])],
        ["axis": .integer(1), "start": .integer(9), "end": .integer(9)], domains: [.uniform(-1, 1)]),
    ])
}
