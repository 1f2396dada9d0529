import KernelIR

extension Operator {
  /// The quotient of two tensors of one shape.
  public static let divide: Operator = Elementwise.binary(
    "divide", "The quotient of two tensors of one shape.", .divide, exported: "divide",
    domains: [.uniform(-2, 2), .uniform(0.5, 2)],
    float: { $0 / $1 }, double: { $0 / $1 },
    gradient: .rule { context in
      let (b, build) = (context.operand(1), context.build)
      let toLeft = build.divide(context.cotangent, b)
      return [toLeft, build.negate(build.multiply(toLeft, context.result()))]
    })
}
