import KernelIR
import TensorTypes

extension Operator {
  /// The positions of the elements of each row in ascending or descending order, all of them or the first `length`, which are
  /// chosen in `n log length` comparisons. Equal elements stay in the order in which they are, zeros of either sign among them;
  /// not-a-number counts as the largest, as for maxima.
  ///
  /// - Shape: `T[..., n] -> i32[..., length]`, T being f32, f64 or i32; without `length` it is n.
  public static let argumentSort: Operator = Operator(
    name: "argument_sort", summary: "The positions of the elements of each row in order.", kind: .indexing,
    type: { signature in
      try signature.requireOperandCount(1, "argument_sort")
      let type = signature.operands[0]
      try signature.require(
        type.shape.rank > 0 && type.elementType != .bool, "argument_sort.1", "needs rows of numbers, got \(type)")
      guard case .flag? = signature.attributes["descending"] else {
        throw TypeError("argument_sort.2", "needs the flag 'descending'")
      }
      let extent = type.shape[type.shape.rank - 1]
      try signature.requirePositions(extent, "argument_sort.3")
      let length = try signature.optionalInteger("length", "argument_sort.4") ?? extent
      try signature.require(
        length == extent || (length >= 1 && length < extent), "argument_sort.4",
        "needs a number from 1 to \(extent), the elements of a row of \(type), got \(length)")
      var shape = type.shape
      shape.extents[shape.rank - 1] = length
      return [TensorType(.int32, shape)]
    },
    gradient: .none("a position is constant almost everywhere"),
    semantics: .primitive(
      evaluate: { context in
        let (tensor, shape) = (context.operands[0], context.results[0].shape)
        let rows = orderedPositions(tensor, descends: context.attributes.flag("descending"))
        return [HostTensor(shape, .int32(rows.flatMap { $0.prefix(shape[shape.rank - 1]).map(Int32.init) }))]
      },
      lower: { signature in
        let type = signature.operands[0]
        let count = type.shape[type.shape.rank - 1]
        return .rows(
          .order(
            OrderedRows(
              rowCount: type.elementCount / max(count, 1), count: count,
              isDescending: signature.attributes.flag("descending"), elementType: type.elementType,
              kept: signature.results[0].shape[type.shape.rank - 1])))
      }, export: Export.argumentSort),
    samples: [
      OperatorSample([TensorType(.float32, [3, 70])], ["descending": .flag(false)], domains: [.uniform(-1, 1)]),
      OperatorSample([TensorType(.int32, [2, 3, 37])], ["descending": .flag(true)], domains: [.integers(9)]),
      OperatorSample(
        [TensorType(.float32, [3, 70])], ["descending": .flag(true), "length": .integer(5)], domains: [.uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.int32, [2, 3, 37])], ["descending": .flag(false), "length": .integer(8)], domains: [.integers(9)]),
      OperatorSample(
        [TensorType(.float64, [2, 40])], ["descending": .flag(true), "length": .integer(1)], domains: [.uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [4, 6])], ["descending": .flag(false), "length": .integer(6)], domains: [.uniform(-1, 1)]),
    ])
}

/// Of each row of `[..., n]` the positions of its elements in order.
private func orderedPositions(_ tensor: HostTensor, descends: Bool) -> [[Int]] {
  let (elements, count) = (tensor.doubles, tensor.shape[tensor.shape.rank - 1])
  func comes(_ x: Double, _ y: Double) -> Bool { x < y || (y.isNaN && !x.isNaN) }
  return stride(from: 0, to: elements.count, by: max(count, 1)).map { start in
    (0..<count).sorted { a, b in
      let (x, y) = (elements[start + a], elements[start + b])
      let (before, after) = descends ? (comes(y, x), comes(x, y)) : (comes(x, y), comes(y, x))
      return before || (!after && a < b)
    }
  }
}
