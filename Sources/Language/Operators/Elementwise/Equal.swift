import KernelIR

extension Operator {
  /// Whether `a == b`, element by element.
  public static let equal: Operator =
    Elementwise.comparison("equal", "Whether a == b, element by element.", .equal, exported: "EQ") { $0 == $1 }
}
