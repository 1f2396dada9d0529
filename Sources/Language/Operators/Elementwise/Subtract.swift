import KernelIR

extension Operator {
  /// The difference of two tensors of one shape.
  public static let subtract: Operator = Elementwise.binary(
    "subtract", "The difference of two tensors of one shape.", .subtract, exported: "subtract",
    float: { $0 - $1 }, double: { $0 - $1 },
    integer: .init(
      rule: .computed({ difference, terms in
        [terms[1].map { difference.shifted(by: -$0) }, terms[0].map { difference.shifted(by: $0).negated }]
      })
    ) { $0 &- $1 },
    gradient: .rule { context in
      [context.cotangent, context.build.negate(context.cotangent)]
    })
}
