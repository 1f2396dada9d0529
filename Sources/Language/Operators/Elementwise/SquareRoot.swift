import KernelIR

extension Operator {
  /// The square root.
  public static let squareRoot: Operator = Elementwise.unary(
    "square_root", "The square root.", .squareRoot, exported: "sqrt", domain: (0.1, 4),
    float: { $0.squareRoot() }, double: { $0.squareRoot() },
    gradient: .rule { context in
      let build = context.build
      return [build.divide(build.scale(context.cotangent, by: 0.5), context.result())]
    })
}
