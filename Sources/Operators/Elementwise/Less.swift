extension Operator {
  /// Whether `a < b`, element by element.
  public static let less: Operator = Elementwise.comparison("less", "<") { $0 < $1 }
}
