import KernelIR

extension Operator {
  /// Whether `a <= b`, element by element.
  public static let lessOrEqual: Operator =
    Elementwise.comparison("less_or_equal", "Whether a <= b, element by element.", .lessOrEqual, exported: "LE") {
      $0 <= $1
    }
}
