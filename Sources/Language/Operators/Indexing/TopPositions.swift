import KernelIR
import TensorTypes

extension Operator {
  /// The positions of the largest elements of each row, the largest first: the beginning of what `argumentSort` has in
  /// descending order, bit for bit, for `n log k` comparisons and without memory beside the result.
  ///
  /// - Shape: `T[..., n] -> i32[..., k]`, T being f32, f64 or i32.
  public static let topPositions: Operator = Operator(
    name: "top_positions", summary: "The positions of the largest elements of each row, in order.", kind: .indexing,
    type: { signature in
      try signature.requireOperandCount(1, "top_positions")
      let type = signature.operands[0]
      try signature.require(
        type.shape.rank > 0 && type.elementType != .bool, "top_positions.1", "needs rows of numbers, got \(type)")
      let (count, extent) = (try signature.requireInteger("length", "top_positions.2"), type.shape[type.shape.rank - 1])
      try signature.require(
        count >= 1 && count <= extent, "top_positions.3",
        "needs a number from 1 to \(extent), the elements of a row of \(type), got \(count)")
      try signature.requirePositions(extent, "top_positions.4")
      var shape = type.shape
      shape.extents[shape.rank - 1] = count
      return [TensorType(.int32, shape)]
    },
    gradient: .none("a position is constant almost everywhere"),
    semantics: .primitive(
      evaluate: { context in
        let rows = OrderedPositions.rows(of: context.operands[0], descends: true)
        let kept = rows.flatMap { $0.prefix(context.attributes.integer("length")).map(Int32.init) }
        return [HostTensor(context.results[0].shape, .int32(kept))]
      },
      lower: { signature in
        let type = signature.operands[0]
        let count = type.shape[type.shape.rank - 1]
        return .rows(
          .order(
            OrderedRows(
              rowCount: type.elementCount / max(count, 1), count: count, isDescending: true,
              elementType: type.elementType, kept: signature.attributes.integer("length"))))
      }, export: Export.topPositions),
    samples: [
      OperatorSample([TensorType(.float32, [3, 70])], ["length": .integer(5)], domains: [.uniform(-1, 1)]),
      OperatorSample([TensorType(.int32, [2, 3, 37])], ["length": .integer(8)], domains: [.integers(9)]),
      OperatorSample([TensorType(.float64, [2, 40])], ["length": .integer(1)], domains: [.uniform(-1, 1)]),
      OperatorSample([TensorType(.float32, [4, 6])], ["length": .integer(6)], domains: [.uniform(-1, 1)]),
    ])
}
