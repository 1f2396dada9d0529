import GraphIR

extension Operator {
  /// `silu(gate) * up` (Shazeer 2020).
  public static let swiglu: Operator = Operator(
    name: "swiglu", summary: "silu(gate) * up.", kind: .elementwise,
    type: { try Composite.elementwiseType($0, "swiglu", 2) },
    gradient: .rule { context in
      let (gate, up, build) = (context.operand(0), context.operand(1), context.build)
      let toGate = build.multiply(build.multiply(context.cotangent, up), build.siluSlope(gate))
      return [toGate, build.multiply(context.cotangent, build.silu(gate))]
    },
    semantics: .composite { _, operands, build in [build.multiply(build.silu(operands[0]), operands[1])] },
    samples: [
      OperatorSample(
        [Elementwise.sampleType, Elementwise.sampleType], domains: [.uniform(-3, 3), .uniform(-3, 3)])
    ])
}

extension GraphBuilder {
  func silu(_ x: Graph.Value) -> Graph.Value { multiply(x, emit1(.sigmoid, x)) }

  /// `s * (1 + x * (1 - s))` with `s = sigmoid(x)`.
  func siluSlope(_ x: Graph.Value) -> Graph.Value {
    let s = emit1(.sigmoid, x)
    let one = constant(1, like: x)
    return multiply(s, add(one, multiply(x, subtract(one, s))))
  }
}
