import GraphIR
import KernelIR
import TensorTypes

extension Operator {
  /// A tensor with a part along one axis replaced, from a computed position on; the position is clamped so that all of the
  /// part fits. One that the host sets is checked when it does. Where nothing else reads the old tensor, only the part is
  /// written.
  ///
  /// - Operands: the whole `T[..., n, ...]`, the part `T[..., m, ...]`, the position `i32[]`.
  /// - Attribute: `axis`.
  public static let dynamicUpdateSlice: Operator = Operator(
    name: "dynamic_update_slice", summary: "A tensor with a part replaced, from a computed position on.",
    kind: .indexing,
    type: { signature in
      try signature.requireOperandCount(3, "dynamic_update_slice")
      let (whole, part) = (signature.operands[0], signature.operands[1])
      let axis = try DynamicRange.requireAxis(of: signature, position: 2, "dynamic_update_slice")
      var expected = whole.shape.extents
      if part.shape.rank == expected.count { expected[axis] = min(part.shape[axis], expected[axis]) }
      try signature.require(
        part.shape.extents == expected && part.elementType == whole.elementType, "dynamic_update_slice.3",
        "\(part) is no part of \(whole) along axis \(axis)")
      return [whole]
    },
    gradient: .rule { context in
      let build = context.build
      let (part, position) = (build.type(of: context.operand(1)), context.operand(2))
      let axis = context.operation.attributes.integer("axis")
      let rest = build.emit(
        .dynamicUpdateSlice, [context.cotangent, build.nothing(part), position], ["axis": .integer(axis)])[0]
      let own = build.emit(
        .dynamicSlice, [context.cotangent, position], ["axis": .integer(axis), "length": .integer(part.shape[axis])])[0]
      return [rest, own, nil]
    },
    semantics: .primitive(
      evaluate: { context in
        let (whole, part, axis) = (context.operands[0], context.operands[1], context.attributes.integer("axis"))
        let start = DynamicRange.start(context.operands[2], whole.shape[axis], part.shape[axis])
        let places = Movement.positions(part.shape)
        return [
          Movement.replacing(whole, by: part) { place in
            whole.shape.offset(places[place]) + start * whole.shape.strides[axis]
          }
        ]
      },
      lower: { signature in
        let (whole, part) = (signature.operands[0], signature.operands[1].shape)
        let axis = signature.attributes.integer("axis")
        return .rows(
          .replace(
            ReplacedRows(
              outerCount: whole.shape.extents[..<axis].reduce(1, *), rowCount: whole.shape[axis],
              width: whole.shape.extents[(axis + 1)...].reduce(1, *), length: part[axis],
              elementType: whole.elementType)))
      },
      export: {
        [$0.build.dynamicUpdateSlice($0.operand(0), $0.operand(1), axis: $0.axis, at: $0.operand(2))]
      }),
    integers: .addresses(moving: [0, 1]) { signature in
      let axis = signature.attributes.integer("axis")
      let count = signature.operands[0].shape[axis] - signature.operands[1].shape[axis]
      return [nil, nil, AcceptedIntegers(0..<(count + 1))]
    },
    samples: [
      OperatorSample(
        [TensorType(.float32, [3, 9, 2]), TensorType(.float32, [3, 4, 2]), TensorType(.int32, .scalar)],
        ["axis": .integer(1)], domains: [.uniform(-1, 1), .uniform(-1, 1), .integers(6)]),
      OperatorSample(
        [TensorType(.int32, [7]), TensorType(.int32, [1]), TensorType(.int32, .scalar)], ["axis": .integer(0)],
        domains: [.integers(9), .integers(9), .integers(7)]),
    ])
}
