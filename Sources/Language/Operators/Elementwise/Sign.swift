import KernelIR

extension Operator {
  /// -1 or 1; zeros and NaN stay what they are.
  public static let sign: Operator = Elementwise.unary(
    "sign", "-1, 0 or 1; NaN stays NaN.", .sign, exported: "sign", domain: (-2, 2),
    float: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, double: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 },
    gradient: .none("the sign is constant almost everywhere"))
}
