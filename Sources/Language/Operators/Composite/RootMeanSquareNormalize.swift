import TensorTypes

extension Operator {
  /// `x * r` with `r = (mean(x^2) + epsilon)^(-1/2)` along the last axis (Zhang and Sennrich 2019), without gain.
  ///
  /// - Shape: `T[S, n] -> T[S, n], T[S]`; the second result is r, which the gradient needs beside the first:
  ///   `dx = r * (dy - y * mean(y * dy)) - y * r^2 * dr / n`.
  public static let rootMeanSquareNormalize: Operator = Operator(
    name: "rms_normalize", summary: "Rows scaled to a root mean square of 1.", kind: .composite,
    type: { try Composite.normalizationType($0, "rms_normalize") },
    gradient: .rule { context in
      let build = context.build
      return context.normalizationGradient { y, cotangent in
        let projection = build.alongRows(build.rowMean(build.multiply(y, cotangent)), of: y)
        return build.subtract(cotangent, build.multiply(y, projection))
      }
    },
    semantics: .composite { signature, operands, build in
      let (x, epsilon) = (operands[0], signature.attributes.number("epsilon"))
      let meanSquare = build.rowMean(build.multiply(x, x))
      let r = build.emit1(.reciprocalSquareRoot, build.add(meanSquare, build.constant(epsilon, like: meanSquare)))
      return [build.multiply(x, build.alongRows(r, of: x)), r]
    },
    samples: [OperatorSample([Elementwise.sampleType], ["epsilon": .number(1e-5)], domains: [.uniform(-2, 2)])])
}
