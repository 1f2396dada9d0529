import GraphIR
import TensorTypes

extension Operator {
  /// A linear recurrence along an axis: `y[t] = a[t] y[t - 1] + b[t]`, one after another, the first being `b`. The
  /// state of a selective scan is one (Gu and Dao 2023, equation 2a).
  ///
  /// - Shape: `T[..., n, ...], T[..., n, ...] -> T[..., n, ...]`.
  /// - Attributes: `axis`, `reversed` (from the last element on).
  public static let linearRecurrence: Operator = Operator(
    name: "linear_recurrence", summary: "Each place of an axis from the one before: y = a y + b.", kind: .reduction,
    type: { signature in
      try signature.requireOperandCount(2, "linear_recurrence")
      try signature.requireFloatingPoint(0, "linear_recurrence.1")
      try signature.require(
        signature.operands[0] == signature.operands[1], "linear_recurrence.2",
        "needs two tensors of one type, got \(signature.operands[0]) and \(signature.operands[1])")
      try Recurrence.requireAttributes(signature, "linear_recurrence", ["reversed"])
      return [signature.operands[0]]
    },
    gradient: .rule { context in
      let (build, attributes) = (context.build, context.operation.attributes)
      // r[t] = dy[t] + a[t + 1] r[t + 1] is the cotangent of b[t], and times y[t - 1] that of a[t].
      let next = Recurrence.moved(context.operand(0), attributes, build)
      let turned = Recurrence.turned(attributes)
      let ofTerm = build.emit(.linearRecurrence, [next, context.cotangent], turned)[0]
      let before = Recurrence.moved(context.result(), turned, build)
      return [build.multiply(ofTerm, before), ofTerm]
    },
    semantics: .primitive(
      evaluate: { context in
        [Recurrence.evaluate(context, hasFactor: true, hasTerm: true)]
      },
      lower: { Recurrence.lower($0, hasFactor: true, hasTerm: true) }, export: Export.linearRecurrence),
    samples: [
      OperatorSample(
        [TensorType(.float32, [3, 7, 5]), TensorType(.float32, [3, 7, 5])],
        ["axis": .integer(1), "reversed": .flag(false)], domains: [.uniform(-1, 1), .uniform(-1, 1)]),
      OperatorSample(
        [TensorType(.float32, [4, 9]), TensorType(.float32, [4, 9])], ["axis": .integer(1), "reversed": .flag(true)],
        domains: [.uniform(-1, 1), .uniform(-1, 1)]),
    ])
}
