extension Operator {
  /// Positive numbers that sum to 1 along the last axis: `e^(x - max) (1 / sum(e^(x - max)))`, one division per row.
  ///
  /// The gradient needs the result only: `y * (dy - sum(y * dy))`.
  public static let softmax: Operator = Operator(
    name: "softmax", summary: "Positive numbers that sum to 1 along the last axis.", kind: .composite,
    type: { [try Composite.rowType($0, "softmax")] },
    gradient: .rule { context in
      let (y, build) = (context.result(), context.build)
      let weighted = build.multiply(y, context.cotangent)
      let mean = build.alongRows(build.rowSum(weighted), of: y)
      return [build.multiply(y, build.subtract(context.cotangent, mean))]
    },
    semantics: .composite { signature, operands, build in
      let x = operands[0]
      // Rows of nothing have no largest element.
      if signature.results[0].elementCount == 0 { return [x] }
      let largest = build.alongRows(build.largest(x, [build.lastAxis(x)]), of: x)
      let powers = build.emit1(.exponential, build.subtract(x, largest))
      let sum = build.rowSum(powers)
      let share = build.divide(build.constant(1, like: sum), sum)
      return [build.multiply(powers, build.alongRows(share, of: x))]
    },
    samples: [OperatorSample([Elementwise.sampleType], domains: [.uniform(-2, 2)])])
}
