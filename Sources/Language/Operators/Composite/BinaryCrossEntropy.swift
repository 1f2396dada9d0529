import GraphIR

extension Operator {
  /// `max(x, 0) - x t + log(1 + e^-|x|)`: the cross-entropy of a target t in [0, 1] under `sigmoid(x)`.
  public static let binaryCrossEntropy: Operator = Operator(
    name: "binary_cross_entropy", summary: "Cross-entropy of a target in [0, 1] under the sigmoid of a score.",
    kind: .elementwise,
    type: { try Composite.elementwiseType($0, "binary_cross_entropy", 2) },
    gradient: .rule { context in
      let (x, target, build) = (context.operand(0), context.operand(1), context.build)
      let difference = build.subtract(build.emit1(.sigmoid, x), target)
      return [build.multiply(context.cotangent, difference), build.negate(build.multiply(context.cotangent, x))]
    },
    semantics: .composite { _, operands, build in
      let (x, target) = (operands[0], operands[1])
      let positive = build.emit1(.maximum, x, build.constant(0, like: x))
      let decay = build.emit1(.exponential, build.negate(build.emit1(.absolute, x)))
      let linear = build.subtract(positive, build.multiply(x, target))
      return [build.add(linear, build.emit1(.logarithm1p, decay))]
    },
    samples: [
      OperatorSample(
        [Elementwise.sampleType, Elementwise.sampleType], domains: [.uniform(-3, 3), .uniform(0, 1)])
    ])
}
