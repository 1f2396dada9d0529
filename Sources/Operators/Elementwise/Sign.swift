import KernelIR

extension Operator {
  /// -1, 0 or 1.
  public static let sign: Operator = Elementwise.unary(
    "sign", "-1, 0 or 1.", ScalarFunction("(({0} > 0) - ({0} < 0))", flops: 1), domain: (-2, 2),
    float: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, double: { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
    gradient: .none("the sign is constant almost everywhere"))
}
