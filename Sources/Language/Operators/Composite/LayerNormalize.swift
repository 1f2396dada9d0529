import TensorTypes

extension Operator {
  /// `(x - mean(x)) * r` with `r = (variance(x) + epsilon)^(-1/2)` along the last axis (Ba et al. 2016), without gain.
  ///
  /// - Shape: `T[S, n] -> T[S, n], T[S]`; the second result is r.
  public static let layerNormalize: Operator = Operator(
    name: "layer_normalize", summary: "Rows shifted to mean 0 and scaled to variance 1.", kind: .composite,
    type: { try Composite.normalizationType($0, "layer_normalize") },
    gradient: .rule { context in
      let build = context.build
      return context.normalizationGradient { y, cotangent in
        let shift = build.alongRows(build.rowMean(cotangent), of: y)
        let projection = build.alongRows(build.rowMean(build.multiply(y, cotangent)), of: y)
        return build.subtract(build.subtract(cotangent, shift), build.multiply(y, projection))
      }
    },
    semantics: .composite { signature, operands, build in
      let (x, epsilon) = (operands[0], signature.attributes.number("epsilon"))
      let centred = build.subtract(x, build.alongRows(build.rowMean(x), of: x))
      let variance = build.rowMean(build.multiply(centred, centred))
      let r = build.emit1(.reciprocalSquareRoot, build.add(variance, build.constant(epsilon, like: variance)))
      return [build.multiply(centred, build.alongRows(r, of: x)), r]
    },
    samples: [OperatorSample([Elementwise.sampleType], ["epsilon": .number(1e-5)], domains: [.uniform(-2, 2)])])
}
