extension Operator {
  /// Whether `a <= b`, element by element.
  public static let lessOrEqual: Operator = Elementwise.comparison("less_or_equal", "<=") { $0 <= $1 }
}
