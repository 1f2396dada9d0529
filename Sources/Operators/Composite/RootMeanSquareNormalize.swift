import TensorTypes

extension Operator {
  /// `x * r` with `r = (mean(x^2) + epsilon)^(-1/2)` along the last axis (Zhang and Sennrich 2019), without gain.
  ///
  /// - Shape: `T[S, n] -> T[S, n], T[S]`; the second result is r, which the gradient needs beside the first:
  ///   `dx = r * (dy - y * mean(y * dy))`.
  public static let rootMeanSquareNormalize: Operator = Operator(
    name: "rms_normalize", summary: "Rows scaled to a root mean square of 1.", kind: .composite,
    type: { try Composite.rowType($0, "rms_normalize", rowResults: 1) },
    gradient: .rule { context in
      let (y, build) = (context.result(), context.build)
      let projection = build.alongRows(build.rowMean(build.multiply(y, context.cotangent)), of: y)
      let tangent = build.subtract(context.cotangent, build.multiply(y, projection))
      return [build.multiply(build.alongRows(context.result(1), of: y), tangent)]
    },
    semantics: .composite { signature, operands, build in
      let (x, epsilon) = (operands[0], signature.attributes.number("epsilon"))
      let meanSquare = build.rowMean(build.multiply(x, x))
      let r = build.emit1(.reciprocalSquareRoot, build.add(meanSquare, build.constant(epsilon, like: meanSquare)))
      return [build.multiply(x, build.alongRows(r, of: x)), r]
    },
    samples: [OperatorSample([Elementwise.sampleType], ["epsilon": .number(1e-5)], domains: [.uniform(-2, 2)])])
}
