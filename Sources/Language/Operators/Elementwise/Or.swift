import KernelIR

extension Operator {
  /// Whether `a || b`, element by element.
  public static let or: Operator =
    Elementwise.logical("or", "Whether a || b, element by element.", .or, exported: "or") { $0 || $1 }
}
