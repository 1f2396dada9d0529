extension Operator {
  /// Whether `a || b`, element by element.
  public static let or: Operator = Elementwise.logical("or", "||") { $0 || $1 }
}
