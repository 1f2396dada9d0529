import KernelIR

extension Operator {
  /// Whether `a || b`, element by element.
  public static let or: Operator =
    Elementwise.logical("or", "Whether a || b, element by element.", .or) { $0 || $1 }
}
