import KernelIR

extension Operator {
  /// Whether `a && b`, element by element.
  public static let and: Operator =
    Elementwise.logical("and", "Whether a && b, element by element.", .and, exported: "and") { $0 && $1 }
}
