import KernelIR
import TensorTypes

extension Operator {
  /// Rows of a table by number: an embedding.
  ///
  /// Numbers that the host sets, also shifted, scaled or moved, are checked when it sets them: they must name rows. Numbers
  /// that the graph computes otherwise are clamped into the table.
  ///
  /// - Shape: `T[V, rest], i32[S] -> T[S, rest]`.
  /// - Constraint `gather.2`: a table without rows has no numbers to look up.
  public static let gather: Operator = Operator(
    name: "gather", summary: "Rows of a table by number.", kind: .indexing,
    type: { signature in
      try signature.requireOperandCount(2, "gather")
      let (table, rows) = (signature.operands[0], signature.operands[1])
      try signature.require(
        table.shape.rank > 0 && rows.elementType == .int32, "gather.1",
        "needs a table with rows and i32 numbers, got \(table) and \(rows)")
      try signature.require(
        table.shape[0] > 0 || rows.elementCount == 0, "gather.2",
        "\(table) has no rows for the numbers \(rows)")
      let rest = table.shape.removing([0])
      return [
        table.with(Shape(rows.shape.extents + rest.extents, names: rows.shape.names + rest.names))
      ]
    },
    gradient: .rule { context in
      let (table, build) = (context.operand(0), context.build)
      let nothing = build.nothing(build.type(of: table))
      return [build.emit1(.scatterAdd, nothing, context.operand(1), context.cotangent), nil]
    },
    semantics: .primitive(
      evaluate: { context in
        let table = context.operands[0]
        let rowCount = table.shape[0]
        let rows = context.operands[1].integers.map { min(max(Int($0), 0), rowCount - 1) }
        let width = table.shape.elementCount / max(rowCount, 1)
        let flat = HostTensor(Shape([rowCount, width]), table.storage)
        let picked = Movement.gather(flat, Shape([rows.count, width])) { rows[$0[0]] * width + $0[1] }
        return [HostTensor(context.results[0].shape, picked.storage)]
      },
      lower: { signature in
        let rank = signature.results[0].shape.rank
        let numbersRank = signature.operands[1].shape.rank
        let number = ScalarExpression.element(1, (0..<numbersRank).map { .axis($0, of: rank) })
        let rest = (numbersRank..<rank).map { ScalarExpression.AxisIndex.affine(.axis($0, of: rank)) }
        return .map(.operand(0, [.computed(number, bound: signature.operands[0].shape[0])] + rest))
      }, export: Export.gather),
    integers: .addresses(moving: [0]) { [nil, AcceptedIntegers(0..<$0.operands[0].shape[0])] },
    samples: [
      OperatorSample(
        [TensorType(.float32, [7, 5]), TensorType(.int32, [2, 3])], domains: [.uniform(-1, 1), .integers(7)])
    ])
}
