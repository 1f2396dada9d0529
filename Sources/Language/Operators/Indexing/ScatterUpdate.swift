import TensorTypes

extension Operator {
  /// A table with rows put at given numbers, in order of the numbers' positions, so that the last one of equal numbers counts;
  /// numbers are clamped. Where nothing else reads the old table, only those rows are written.
  ///
  /// - Shape: `T[V, rest], i32[S], T[S, rest] -> T[V, rest]`.
  /// - Constraint `scatter_update.3`: a table without rows has no numbers to put at.
  public static let scatterUpdate: Operator = Operator(
    name: "scatter_update", summary: "A table with rows put at given numbers.", kind: .indexing,
    type: { signature in
      let types = try Scatter.type(signature, "scatter_update")
      // Its gradient numbers them.
      try signature.requirePositions(signature.operands[1].elementCount, "scatter_update.4")
      return types
    },
    gradient: .rule { context in
      let (build, numbers, cotangent) = (context.build, context.operand(1), context.cotangent)
      let (table, rows) = (build.type(of: cotangent), build.type(of: context.operand(2)))
      let rest = build.emit1(.scatterUpdate, cotangent, numbers, build.nothing(rows))
      // A row that a later one replaced has no gradient.
      let flat = TensorType(.int32, [build.type(of: numbers).elementCount])
      let places = build.iota(flat, axis: 0)
      let flatNumbers = build.reshape(numbers, to: flat.shape)
      let nobody = build.constant(0, TensorType(.int32, [table.shape[0]]))
      let last = build.emit1(.gather, build.emit1(.scatterUpdate, nobody, flatNumbers, places), flatNumbers)
      let isLast = build.reshape(build.emit1(.equal, last, places), to: build.type(of: numbers).shape)
      let spread = build.broadcast(isLast, to: rows.shape, axes: Array(0..<build.type(of: numbers).shape.rank))
      return [rest, nil, build.select(spread, build.emit1(.gather, cotangent, numbers), build.nothing(rows))]
    },
    semantics: .primitive(
      evaluate: { context in
        let width = context.results[0].elementCount / max(context.results[0].shape[0], 1)
        let rows = Scatter.rows(context)
        return [
          Movement.replacing(context.operands[0], by: context.operands[2]) { place in
            rows[place / width] * width + place % width
          }
        ]
      },
      lower: { Scatter.lower($0, isReplacing: true) }, export: Export.scatterUpdate),
    integers: Scatter.integers(moving: [0, 2]),
    samples: [
      OperatorSample(
        [TensorType(.float32, [4, 5]), TensorType(.int32, [2, 3]), TensorType(.float32, [2, 3, 5])],
        domains: [.uniform(-1, 1), .integers(4), .uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.int32, [6]), TensorType(.int32, [4]), TensorType(.int32, [4])],
        domains: [.integers(9), .integers(6), .integers(9)]),
    ])
}
