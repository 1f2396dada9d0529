import KernelIR

extension Operator {
  /// The sum of two tensors of one shape.
  public static let add: Operator = Elementwise.binary(
    "add", "The sum of two tensors of one shape.", .add, exported: "add",
    float: { $0 + $1 }, double: { $0 + $1 },
    integer: .init(
      rule: .computed({ sum, terms in [terms[1].map(sum.shifted), terms[0].map(sum.shifted)] })
    ) { $0 &+ $1 },
    gradient: .rule { context in
      [context.cotangent, context.cotangent]
    })
}
