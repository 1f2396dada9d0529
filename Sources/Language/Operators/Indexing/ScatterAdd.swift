import KernelIR
import TensorTypes

extension Operator {
  /// A table with rows added at given numbers, in order of the numbers' positions; numbers are clamped.
  ///
  /// - Shape: `T[V, rest], i32[S], T[S, rest] -> T[V, rest]`.
  /// - Constraint `scatter_add.3`: a table without rows has no numbers to add to.
  public static let scatterAdd: Operator = Operator(
    name: "scatter_add", summary: "A table with rows added at given numbers.", kind: .indexing,
    type: { signature in
      try signature.requireOperandCount(3, "scatter_add")
      let (table, rows, updates) = (signature.operands[0], signature.operands[1], signature.operands[2])
      try signature.requireFloatingPoint(0, "scatter_add.1")
      try signature.require(
        table.shape.rank > 0 && rows.elementType == .int32 && updates.elementType == table.elementType
          && updates.shape.extents == rows.shape.extents + table.shape.extents.dropFirst(),
        "scatter_add.2", "rows do not fit the table, got \(table), \(rows) and \(updates)")
      try signature.require(
        table.shape[0] > 0 || rows.elementCount == 0, "scatter_add.3",
        "\(table) has no rows for the numbers \(rows)")
      return [table]
    },
    gradient: .rule { context in
      [context.cotangent, nil, context.build.emit1(.gather, context.cotangent, context.operand(1))]
    },
    semantics: .primitive(
      evaluate: { context in
        let rowCount = context.results[0].shape[0]
        let width = context.results[0].elementCount / max(rowCount, 1)
        let rows = context.operands[1].integers.map { min(max(Int($0), 0), rowCount - 1) }
        func scatter<Element: BinaryFloatingPoint>(_ table: [Element], _ updates: [Element]) -> [Element] {
          var result = table
          for (position, row) in rows.enumerated() {
            for column in 0..<width { result[row * width + column] += updates[position * width + column] }
          }
          return result
        }
        switch (context.operands[0].storage, context.operands[2].storage) {
        case (.float32(let table), .float32(let updates)):
          return [HostTensor(context.results[0].shape, .float32(scatter(table, updates)))]
        default:
          let result = scatter(context.operands[0].doubles, context.operands[2].doubles)
          return [HostTensor(context.results[0].shape, .float64(result))]
        }
      },
      lower: { signature in
        let table = signature.results[0]
        return .rows(
          .add(
            AddedRows(
              rowCount: table.shape[0], width: table.elementCount / max(table.shape[0], 1),
              updateCount: signature.operands[1].elementCount, elementType: table.elementType)))
      }),
    integers: .addresses { [nil, AcceptedIntegers(0..<$0.operands[0].shape[0]), nil] },
    samples: [
      OperatorSample(
        [TensorType(.float32, [4, 5]), TensorType(.int32, [2, 3]), TensorType(.float32, [2, 3, 5])],
        domains: [.uniform(-1, 1), .integers(4), .uniform(-1, 1)])
    ])
}
