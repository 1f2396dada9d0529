import KernelIR

extension Operator {
  /// The negative.
  public static let negate: Operator = Elementwise.unary(
    "negate", "The negative.", .negate, exported: "negate", domain: (-2, 2),
    float: { -$0 }, double: { -$0 },
    gradient: .rule { context in
      [context.build.negate(context.cotangent)]
    })
}
