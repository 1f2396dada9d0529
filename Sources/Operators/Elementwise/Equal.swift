extension Operator {
  /// Whether `a == b`, element by element.
  public static let equal: Operator = Elementwise.comparison("equal", "==") { $0 == $1 }
}
