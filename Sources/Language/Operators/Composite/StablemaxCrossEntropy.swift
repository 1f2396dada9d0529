import GraphIR

extension Operator {
  /// Minus the logarithm of the label's stablemax probability, in double precision; 0 where the label is ignored.
  ///
  /// Stablemax takes `s(u) = u + 1` for `u >= 0` and `1 / (1 - u)` below, in place of `e^u` (Prieto et al. 2025;
  /// the loss of the Tiny Recursive Model). `d loss / du = s'(u) * (1 / sum(s) - [label] / s(label))`.
  /// A label that is neither a class nor the ignored one, as a graph may compute it, makes the row's loss and gradient NaN.
  /// NaN among the scores of a row makes its loss NaN, unless its label is ignored, and its gradient always.
  public static let stablemaxCrossEntropy: Operator = Operator(
    name: "stablemax_cross_entropy", summary: "Minus the log-probability of the label under a stablemax.",
    kind: .composite,
    type: { try Composite.lossType($0, "stablemax_cross_entropy") },
    gradient: .rule { context in
      let (scores, labels, build) = (context.operand(0), context.operand(1), context.build)
      let u = build.convert(scores, to: .float64)
      let weights = build.stablemax(u)
      let reciprocal = build.divide(build.constant(1, like: u), weights)
      let isPositive = build.emit1(.lessOrEqual, build.constant(0, like: u), u)
      let slope = build.select(isPositive, build.constant(1, like: u), build.multiply(weights, weights))
      let own = build.select(build.isLabel(labels, scores: scores), reciprocal, build.constant(0, like: u))
      let sum = build.rowSum(weights)
      let share = build.alongRows(build.divide(build.constant(1, like: sum), sum), of: u)
      let tangent = build.multiply(slope, build.subtract(share, own))
      let weight = build.convert(
        build.masked(context.cotangent, labels, of: scores, context.operation.attributes), to: .float64)
      let product = build.multiply(tangent, build.alongRows(weight, of: u))
      return [build.convert(product, to: build.type(of: scores).elementType), nil]
    },
    semantics: .composite { signature, operands, build in
      let (scores, labels) = (operands[0], operands[1])
      let weights = build.stablemax(build.convert(scores, to: .float64))
      let isLabel = build.isLabel(labels, scores: scores)
      let own = build.rowSum(build.select(isLabel, weights, build.constant(0, like: weights)))
      let ratio = build.emit1(.logarithm, build.divide(build.rowSum(weights), own))
      let loss = build.convert(ratio, to: signature.operands[0].elementType)
      return [build.masked(loss, labels, of: scores, signature.attributes)]
    },
    integers: Composite.labels, samples: Composite.lossSamples)
}

extension GraphBuilder {
  fileprivate func stablemax(_ u: Graph.Value) -> Graph.Value {
    let one = constant(1, like: u)
    let isPositive = emit1(.lessOrEqual, constant(0, like: u), u)
    // The clamp keeps the unused branch away from a division by zero at u = 1.
    let below = divide(one, subtract(one, emit1(.minimum, u, constant(0, like: u))))
    return select(isPositive, add(u, one), below)
  }
}
