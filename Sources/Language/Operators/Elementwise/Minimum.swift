import KernelIR

extension Operator {
  /// The smaller of two elements, as IEEE 754-2019 minimum: NaN if either is NaN, and -0 is smaller than 0.
  ///
  /// Equal ones share the gradient evenly; where the result is NaN, so are both gradients.
  public static let minimum: Operator = Elementwise.binary(
    "minimum", "The smaller of two elements, NaN if either is; equal ones share the gradient evenly.", .minimum,
    exported: "minimum",
    float: { -Elementwise.maximum(-$0, -$1) }, double: { -Elementwise.maximum(-$0, -$1) },
    integer: .init(evaluate: { min($0, $1) }),
    gradient: .rule { context in
      Elementwise.extremeGradient(context) { context.build.emit1(.less, $0, $1) }
    })
}
