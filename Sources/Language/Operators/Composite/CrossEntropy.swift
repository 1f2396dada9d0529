import GraphIR

extension Operator {
  /// Minus the logarithm of the label's softmax probability; 0 where the label is `ignored_label`.
  ///
  /// - Shape: `T[S, classes], i32[S] -> T[S]`. The gradient computes the softmax again from the scores.
  /// - A label that is neither a class nor the ignored one, as a graph may compute it, makes the row's loss and gradient NaN.
  /// - NaN among the scores of a row makes its loss NaN, unless its label is ignored, and its gradient always.
  /// - Constraint `cross_entropy.3`: there is a class.
  public static let crossEntropy: Operator = Operator(
    name: "cross_entropy", summary: "Minus the log-probability of the label under a softmax.", kind: .composite,
    type: { try Composite.lossType($0, "cross_entropy") },
    gradient: .rule { context in
      let (scores, labels, build) = (context.operand(0), context.operand(1), context.build)
      let probabilities = build.emit1(.softmax, scores)
      let target = build.convert(
        build.isLabel(labels, scores: scores), to: build.type(of: scores).elementType)
      let weight = build.masked(context.cotangent, labels, of: scores, context.operation.attributes)
      return [build.multiply(build.subtract(probabilities, target), build.alongRows(weight, of: scores)), nil]
    },
    semantics: .composite { signature, operands, build in
      let (scores, labels) = (operands[0], operands[1])
      let largest = build.largest(scores, [build.lastAxis(scores)])
      let shifted = build.subtract(scores, build.alongRows(largest, of: scores))
      let normalizer = build.emit1(.logarithm, build.rowSum(build.emit1(.exponential, shifted)))
      let isLabel = build.isLabel(labels, scores: scores)
      let own = build.rowSum(build.select(isLabel, shifted, build.constant(0, like: shifted)))
      return [build.masked(build.subtract(normalizer, own), labels, of: scores, signature.attributes)]
    },
    integers: Composite.labels, samples: Composite.lossSamples)
}
