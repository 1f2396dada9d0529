import GraphIR

extension Operator {
  /// `0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))` (Hendrycks and Gimpel 2016, the tanh form).
  public static let gelu: Operator = Operator(
    name: "gelu", summary: "The Gaussian error linear unit, in its tanh form.", kind: .elementwise,
    type: { try Composite.elementwiseType($0, "gelu", 1) },
    gradient: .rule { context in
      let (x, build) = (context.operand(0), context.build)
      let one = build.constant(1, like: x)
      let t = build.geluTanh(x)
      let half = build.scale(build.add(one, t), by: 0.5)
      let inner = build.add(
        build.constant(geluScale, like: x), build.scale(build.multiply(x, x), by: 3 * geluCubic * geluScale))
      let flatness = build.subtract(one, build.multiply(t, t))
      let tangent = build.multiply(x, build.multiply(flatness, inner))
      // Where tanh is flat, x^2 may be infinite.
      let zero = build.constant(0, like: x)
      let bend = build.select(build.emit1(.equal, flatness, zero), zero, build.scale(tangent, by: 0.5))
      let slope = build.add(half, bend)
      return [build.multiply(context.cotangent, slope)]
    },
    semantics: .composite { _, operands, build in
      let x = operands[0]
      let gate = build.add(build.constant(1, like: x), build.geluTanh(x))
      return [build.multiply(build.scale(x, by: 0.5), gate)]
    },
    samples: [OperatorSample([Elementwise.sampleType], domains: [.uniform(-3, 3)])])

  static let geluScale: Double = 0.7978845608028654
  static let geluCubic: Double = 0.044715
}

extension GraphBuilder {
  fileprivate func geluTanh(_ x: Graph.Value) -> Graph.Value {
    let cube = multiply(multiply(x, x), x)
    let inner = add(x, scale(cube, by: Operator.geluCubic))
    return emit1(.hyperbolicTangent, scale(inner, by: Operator.geluScale))
  }
}
