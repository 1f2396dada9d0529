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
      let types = try Scatter.type(signature, "scatter_add")
      try signature.requireFloatingPoint(0, "scatter_add.1")
      return types
    },
    gradient: .rule { context in
      [context.cotangent, nil, context.build.emit1(.gather, context.cotangent, context.operand(1))]
    },
    semantics: .primitive(
      evaluate: { context in
        let rows = Scatter.rows(context)
        let width = context.results[0].elementCount / max(context.results[0].shape[0], 1)
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
      lower: { Scatter.lower($0, isReplacing: false) }, export: Export.scatterAdd),
    integers: Scatter.integers(),
    samples: [
      OperatorSample(
        [TensorType(.float32, [4, 5]), TensorType(.int32, [2, 3]), TensorType(.float32, [2, 3, 5])],
        domains: [.uniform(-1, 1), .integers(4), .uniform(-1, 1)])
    ])
}
