import GraphIR
import KernelIR
import TensorTypes

extension Operator {
  /// So many elements along one axis, from a computed position on; the position is clamped so that all of them are there. One
  /// that the host sets is checked when it does.
  ///
  /// - Operands: the whole, the position `i32[]`.
  /// - Attributes: `axis`, `length`.
  public static let dynamicSlice: Operator = Operator(
    name: "dynamic_slice", summary: "A range along one axis, from a computed position on.", kind: .indexing,
    type: { signature in
      try signature.requireOperandCount(2, "dynamic_slice")
      let whole = signature.operands[0]
      let axis = try DynamicRange.requireAxis(of: signature, position: 1, "dynamic_slice")
      let length = try signature.requireInteger("length", "dynamic_slice.3")
      try signature.require(
        (0...whole.shape[axis]).contains(length), "dynamic_slice.3",
        "axis \(axis) of \(whole) has no range of \(length)")
      var shape = whole.shape
      shape.extents[axis] = length
      return [whole.with(shape)]
    },
    gradient: .rule { context in
      let (whole, position, build) = (context.operand(0), context.operand(1), context.build)
      let nothing = build.nothing(build.type(of: whole))
      let axis: Attributes = ["axis": .integer(context.operation.attributes.integer("axis"))]
      return [build.emit(.dynamicUpdateSlice, [nothing, context.cotangent, position], axis)[0], nil]
    },
    semantics: .primitive(
      evaluate: { context in
        let (whole, shape) = (context.operands[0], context.results[0].shape)
        let axis = context.attributes.integer("axis")
        let start = DynamicRange.start(context.operands[1], whole.shape[axis], shape[axis])
        return [
          Movement.gather(whole, shape) { whole.shape.offset($0) + start * whole.shape.strides[axis] }
        ]
      },
      lower: { signature in
        let (whole, result) = (signature.operands[0].shape, signature.results[0].shape)
        let axis = signature.attributes.integer("axis")
        let indices = (0..<result.rank).map { position -> ScalarExpression.AxisIndex in
          let own = AffineIndex.axis(position, of: result.rank)
          guard position == axis else { return .affine(own) }
          return .computed(.element(1, []), bound: whole[axis] - result[axis] + 1, behind: own)
        }
        return .map(.operand(0, indices))
      },
      export: {
        [
          $0.build.dynamicSlice(
            $0.operand(0), axis: $0.axis, at: $0.operand(1), length: $0.attributes.integer("length"))
        ]
      }),
    integers: .addresses(moving: [0]) { signature in
      let axis = signature.attributes.integer("axis")
      let length = signature.attributes.integer("length")
      return [nil, AcceptedIntegers(0..<(signature.operands[0].shape[axis] - length + 1))]
    },
    samples: [
      OperatorSample(
        [TensorType(.float32, [3, 9, 2]), TensorType(.int32, .scalar)], ["axis": .integer(1), "length": .integer(4)],
        domains: [.uniform(-1, 1), .integers(6)]),
      OperatorSample(
        [TensorType(.float32, [7, 5]), TensorType(.int32, .scalar)], ["axis": .integer(0), "length": .integer(1)],
        domains: [.uniform(-1, 1), .integers(7)]),
    ])
}

/// What slices and updates at computed positions share.
enum DynamicRange {
  /// The axis of operand 0 that a scalar operand is a position on.
  static func requireAxis(of signature: OperationSignature, position: Int, _ name: String) throws -> Int {
    let axis = try signature.requireInteger("axis", "\(name).1")
    try signature.requireAxes([axis], of: signature.operands[0], "\(name).1")
    let found = signature.operands[position]
    try signature.require(
      found == TensorType(.int32, .scalar), "\(name).2", "needs a position \(TensorType(.int32, .scalar)), got \(found)"
    )
    try signature.requirePositions(signature.operands[0].shape[axis], "\(name).4")
    return axis
  }

  static func start(_ position: HostTensor, _ extent: Int, _ length: Int) -> Int {
    min(max(Int(position.integers[0]), 0), extent - length)
  }
}
