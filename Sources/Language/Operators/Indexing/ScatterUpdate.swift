import KernelIR
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
      try signature.requireOperandCount(3, "scatter_update")
      let (table, rows, updates) = (signature.operands[0], signature.operands[1], signature.operands[2])
      try signature.require(
        table.shape.rank > 0 && rows.elementType == .int32 && updates.elementType == table.elementType
          && updates.shape.extents == rows.shape.extents + table.shape.extents.dropFirst(),
        "scatter_update.2", "rows do not fit the table, got \(table), \(rows) and \(updates)")
      try signature.require(
        table.shape[0] > 0 || rows.elementCount == 0, "scatter_update.3",
        "\(table) has no rows for the numbers \(rows)")
      return [table]
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
        let (table, rowCount) = (context.operands[0], context.results[0].shape[0])
        let width = table.shape.elementCount / max(rowCount, 1)
        let count = table.shape.elementCount
        var sources = Array(0..<count)
        let flat = table.concatenated(context.operands[2])
        for (position, number) in context.operands[1].integers.enumerated() {
          let row = min(max(Int(number), 0), rowCount - 1)
          for column in 0..<width { sources[row * width + column] = count + position * width + column }
        }
        return [HostTensor(table.shape, Movement.gather(flat, table.shape) { sources[table.shape.offset($0)] }.storage)]
      },
      lower: { signature in
        let table = signature.results[0]
        return .rows(
          .add(
            AddedRows(
              rowCount: table.shape[0], width: table.elementCount / max(table.shape[0], 1),
              updateCount: signature.operands[1].elementCount, elementType: table.elementType, isReplacing: true)))
      }),
    integers: .addresses { [nil, AcceptedIntegers(0..<$0.operands[0].shape[0]), nil] },
    samples: [
      OperatorSample(
        [TensorType(.float32, [4, 5]), TensorType(.int32, [2, 3]), TensorType(.float32, [2, 3, 5])],
        domains: [.uniform(-1, 1), .integers(4), .uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.int32, [6]), TensorType(.int32, [4]), TensorType(.int32, [4])],
        domains: [.integers(9), .integers(6), .integers(9)]),
    ])
}

extension HostTensor {
  /// The elements of both, one after another.
  fileprivate func concatenated(_ other: HostTensor) -> HostTensor {
    let shape = Shape([self.shape.elementCount + other.shape.elementCount])
    switch (storage, other.storage) {
    case (.float32(let a), .float32(let b)): return HostTensor(shape, .float32(a + b))
    case (.float64(let a), .float64(let b)): return HostTensor(shape, .float64(a + b))
    case (.int32(let a), .int32(let b)): return HostTensor(shape, .int32(a + b))
    case (.bool(let a), .bool(let b)): return HostTensor(shape, .bool(a + b))
    default: preconditionFailure("\(type) and \(other.type) have no elements of one type")
    }
  }
}
