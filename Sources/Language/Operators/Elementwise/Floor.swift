import KernelIR

extension Operator {
  /// The largest integer that is not larger.
  public static let floor: Operator = Elementwise.unary(
    "floor", "The largest integer that is not larger.", .floor, exported: "floor", domain: (-3, 3),
    float: { $0.rounded(.down) }, double: { $0.rounded(.down) },
    gradient: .none("the floor is constant almost everywhere"))
}
