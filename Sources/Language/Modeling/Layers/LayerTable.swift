import Operators
import TensorTypes

/// Numbers `[rows, columns]` that a layer derives from the sizes of a program, for example masks and the angles of positions.
enum LayerTable {
  /// Elements that one can have: 1 GiB.
  static let most = 1 << 28

  /// What is wrong with the sizes of a table; nil where it can be made.
  static func problem(_ kind: String, _ rows: Int, _ columns: Int) -> String? {
    let shape: Shape = [max(rows, 0), max(columns, 0)]
    if shape.elementCount <= most { return nil }
    return "needs a \(kind) of at most 2^\(most.trailingZeroBitCount) numbers, got [\(shape)]"
  }

  /// The table, made once in a trace; one that is too large is refused before.
  ///
  /// - Parameters:
  ///   - kind: what it is, for messages.
  ///   - detail: what its numbers follow from beside its sizes.
  ///   - constraint: the name of the refusal.
  static func made(
    _ kind: String, _ detail: String, _ constraint: String, _ rows: Int, _ columns: Int, row: (Int) -> [Float]
  ) -> Tensor {
    let shape: Shape = [rows, columns]
    if let problem = problem(kind, rows, columns) {
      return refused([], TypeError(constraint, problem), TensorType(.float32, shape))
    }
    guard let trace = Trace.current else { return Tensor(strayOf: TensorType(.float32, shape)) }
    return trace.values(named: "\(kind) \(detail) [\(shape)]") {
      var numbers: [Float] = []
      numbers.reserveCapacity(shape.elementCount)
      for position in 0..<rows { numbers += row(position) }
      return HostTensor(shape, numbers)
    }
  }
}
