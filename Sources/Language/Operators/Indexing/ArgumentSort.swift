import KernelIR
import TensorTypes

extension Operator {
  /// The positions of the elements of each row in ascending or descending order. Equal elements stay in the order in which
  /// they are, zeros of either sign among them; not-a-number counts as the largest, as for maxima.
  ///
  /// - Shape: `T[..., n] -> i32[..., n]`, T being f32, f64 or i32.
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
      try signature.requirePositions(type.shape[type.shape.rank - 1], "argument_sort.3")
      return [TensorType(.int32, type.shape)]
    },
    gradient: .none("a position is constant almost everywhere"),
    semantics: .primitive(
      evaluate: { context in
        let rows = OrderedPositions.rows(of: context.operands[0], descends: context.attributes.flag("descending"))
        return [HostTensor(context.operands[0].shape, .int32(rows.flatMap { $0.map(Int32.init) }))]
      },
      lower: { signature in
        let type = signature.operands[0]
        let count = type.shape[type.shape.rank - 1]
        return .rows(
          .order(
            OrderedRows(
              rowCount: type.elementCount / max(count, 1), count: count,
              isDescending: signature.attributes.flag("descending"), elementType: type.elementType)))
      }, export: Export.argumentSort),
    samples: [
      OperatorSample([TensorType(.float32, [3, 70])], ["descending": .flag(false)], domains: [.uniform(-1, 1)]),
      OperatorSample([TensorType(.int32, [2, 3, 37])], ["descending": .flag(true)], domains: [.integers(9)]),
    ])
}

/// The order in which the elements of rows are: what sorting and choosing have in common.
enum OrderedPositions {
  /// Of each row of `[..., n]` the positions of its elements in order.
  static func rows(of tensor: HostTensor, descends: Bool) -> [[Int]] {
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
}
