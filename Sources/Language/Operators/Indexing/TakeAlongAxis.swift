import GraphIR
import KernelIR
import TensorTypes

extension Operator {
  /// For every place, the element at a computed position along one axis. Positions that the host sets are checked when it
  /// does; computed ones are clamped.
  ///
  /// - Shape: `T[..., n, ...], i32[..., m, ...] -> T[..., m, ...]`, the other axes being the same.
  public static let takeAlongAxis: Operator = Operator(
    name: "take_along_axis", summary: "Elements at computed positions along one axis.", kind: .indexing,
    type: { signature in
      try signature.requireOperandCount(2, "take_along_axis")
      let (source, positions) = (signature.operands[0], signature.operands[1])
      let axis = try signature.requireInteger("axis", "take_along_axis.1")
      try signature.requireAxes([axis], of: source, "take_along_axis.1")
      var expected = source.shape.extents
      if positions.shape.rank == expected.count { expected[axis] = positions.shape[axis] }
      try signature.require(
        positions.elementType == .int32 && positions.shape.extents == expected, "take_along_axis.2",
        "needs i32 positions whose shape is that of \(source) but for axis \(axis), got \(positions)")
      try signature.require(
        source.shape[axis] > 0 || positions.elementCount == 0, "take_along_axis.3",
        "axis \(axis) of \(source) has no elements for the positions \(positions)")
      // The gradient numbers the elements of the source, where an axis may be empty.
      let places = source.shape.extents.reduce(1) { OperationCount.product([$0, max($1, 1)]) }
      try signature.require(
        places < 1 << 31, "take_along_axis.4", "\(source) has \(places) places, which i32 does not hold")
      return [source.with(positions.shape)]
    },
    gradient: .rule { context in
      // Every element of the source is a row of a table, whose number is computed from the position.
      let (build, positions) = (context.build, context.operand(1))
      let (source, taken) = (build.type(of: context.operand(0)), build.type(of: positions))
      let axis = context.operation.attributes.integer("axis")
      let last = build.constant(Double(max(source.shape[axis] - 1, 0)), taken)
      var place = build.emit1(.minimum, build.emit1(.maximum, positions, build.constant(0, taken)), last)
      place = build.multiply(place, build.constant(Double(source.shape.strides[axis]), taken))
      for other in 0..<source.shape.rank where other != axis {
        let index = build.emit(
          .iota, [], ["shape": .integers(taken.shape.extents), "axis": .integer(other)])[0]
        place = build.add(place, build.multiply(index, build.constant(Double(source.shape.strides[other]), taken)))
      }
      func flat(_ value: Graph.Value, _ count: Int) -> Graph.Value {
        build.emit(.reshape, [value], ["shape": .integers([count])])[0]
      }
      let nothing = build.nothing(source.with([source.elementCount]))
      let sum = build.emit1(
        .scatterAdd, nothing, flat(place, taken.elementCount), flat(context.cotangent, taken.elementCount))
      return [build.emit(.reshape, [sum], ["shape": .integers(source.shape.extents)])[0], nil]
    },
    semantics: .primitive(
      evaluate: { context in
        let (source, positions) = (context.operands[0], context.operands[1])
        let axis = context.attributes.integer("axis")
        let (stride, last) = (source.shape.strides[axis], source.shape[axis] - 1)
        return [
          Movement.gather(source, context.results[0].shape) { place in
            let number = Int(positions.integers[positions.shape.offset(place)])
            return source.shape.offset(place) + (min(max(number, 0), last) - place[axis]) * stride
          }
        ]
      },
      lower: { signature in
        let (source, rank) = (signature.operands[0].shape, signature.results[0].shape.rank)
        let axis = signature.attributes.integer("axis")
        let indices = (0..<rank).map { position -> ScalarExpression.AxisIndex in
          position == axis
            ? .computed(.element(1, AffineIndex.identity(rank: rank)), bound: source[axis])
            : .affine(.axis(position, of: rank))
        }
        return .map(.operand(0, indices))
      }, export: Export.takeAlongAxis),
    integers: .addresses(moving: [0]) {
      [nil, AcceptedIntegers(0..<$0.operands[0].shape[$0.attributes.integer("axis")])]
    },
    samples: [
      OperatorSample(
        [TensorType(.float32, [3, 9, 2]), TensorType(.int32, [3, 5, 2])], ["axis": .integer(1)],
        domains: [.uniform(-1, 1), .integers(9)]),
      OperatorSample(
        [TensorType(.float32, [4, 7]), TensorType(.int32, [4, 11])], ["axis": .integer(1)],
        domains: [.uniform(-1, 1), .integers(7)]),
    ])
}
