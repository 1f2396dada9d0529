import KernelIR
import TensorTypes

/// What operators share that change rows of a table at given numbers, in order of the numbers' positions.
///
/// - Shape: `T[V, rest], i32[S], T[S, rest] -> T[V, rest]`.
enum Scatter {
  static func type(_ signature: OperationSignature, _ name: String) throws -> [TensorType] {
    try signature.requireOperandCount(3, name)
    let (table, rows, updates) = (signature.operands[0], signature.operands[1], signature.operands[2])
    try signature.require(
      table.shape.rank > 0 && rows.elementType == .int32 && updates.elementType == table.elementType
        && updates.shape.extents == rows.shape.extents + table.shape.extents.dropFirst(),
      "\(name).2", "rows do not fit the table, got \(table), \(rows) and \(updates)")
    try signature.require(
      table.shape[0] > 0 || rows.elementCount == 0, "\(name).3", "\(table) has no rows for the numbers \(rows)")
    return [table]
  }

  static func lower(_ signature: OperationSignature, isReplacing: Bool) -> Lowering {
    let table = signature.results[0]
    return .rows(
      .add(
        AddedRows(
          rowCount: table.shape[0], width: table.elementCount / max(table.shape[0], 1),
          updateCount: signature.operands[1].elementCount, elementType: table.elementType, isReplacing: isReplacing)))
  }

  /// The row that each number names, clamped.
  static func rows(_ context: EvaluationContext) -> [Int] {
    context.operands[1].integers.map { min(max(Int($0), 0), context.results[0].shape[0] - 1) }
  }

  /// Numbers must name rows of the table.
  ///
  /// - Parameter moving: operands whose elements become elements of the result as they are.
  static func integers(moving: [Int] = []) -> IntegerRule {
    .addresses(moving: moving) { [nil, AcceptedIntegers(0..<$0.operands[0].shape[0]), nil] }
  }
}
