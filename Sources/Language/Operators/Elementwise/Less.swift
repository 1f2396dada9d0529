import KernelIR

extension Operator {
  /// Whether `a < b`, element by element.
  public static let less: Operator =
    Elementwise.comparison("less", "Whether a < b, element by element.", .less, exported: "LT") { $0 < $1 }
}
