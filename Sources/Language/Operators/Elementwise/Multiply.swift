import KernelIR

extension Operator {
  /// The product of two tensors of one shape.
  public static let multiply: Operator = Elementwise.binary(
    "multiply", "The product of two tensors of one shape.", .multiply, exported: "multiply",
    float: { $0 * $1 }, double: { $0 * $1 },
    integer: .init(
      rule: .computed({ product, factors in
        [factors[1].flatMap(product.divided), factors[0].flatMap(product.divided)]
      })
    ) { $0 &* $1 },
    gradient: .rule { context in
      let (a, b, build) = (context.operand(0), context.operand(1), context.build)
      return [build.multiply(context.cotangent, b), build.multiply(context.cotangent, a)]
    })
}
