extension Operator {
  /// Whether `a && b`, element by element.
  public static let and: Operator = Elementwise.logical("and", "&&") { $0 && $1 }
}
