import KernelIR

extension Operator {
  /// The absolute value; its slope at 0 is taken as 0.
  public static let absolute: Operator = Elementwise.unary(
    "absolute", "The absolute value; its slope at 0 is taken as 0.", .absolute, exported: "abs", domain: (0.1, 2),
    float: { abs($0) }, double: { abs($0) },
    gradient: .rule { context in
      [context.build.multiply(context.cotangent, context.build.emit1(.sign, context.operand(0)))]
    })
}
