/// Every operator, by name.
public enum OperatorTable {
  public static let all: [Operator] =
    [
      .constant, .iota,
      .negate, .absolute, .sign, .exponential, .logarithm, .logarithm1p, .squareRoot, .reciprocalSquareRoot,
      .hyperbolicTangent, .sigmoid, .sine, .cosine, .errorFunction, .floor, .convert, .copy, .not,
      .add, .subtract, .multiply, .divide, .maximum, .minimum, .power, .arctangent2,
      .less, .lessOrEqual, .equal, .and, .or, .select,
      .sum, .reduceMaximum, .argumentOfMaximum,
      .dot,
      .reshape, .transpose, .broadcast, .slice, .pad, .concatenate,
      .gather, .scatterAdd,
      .stopGradient, .anchor, .repeat, .checkpoint,
      .softmax, .rootMeanSquareNormalize, .layerNormalize, .silu, .gelu, .swiglu,
      .crossEntropy, .stablemaxCrossEntropy, .binaryCrossEntropy,
    ]

  private static let byName: [String: Operator] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The operator of that name; a graph that names another one is broken.
  public static func `operator`(_ name: String) -> Operator {
    guard let found = byName[name] else { preconditionFailure("no operator is called '\(name)'") }
    return found
  }

  public static func find(_ name: String) -> Operator? { byName[name] }
}
