import KernelIR

extension Operator {
  /// The larger of two elements, as IEEE 754-2019 maximum: NaN if either is NaN, and 0 is larger than -0.
  ///
  /// Equal ones share the gradient evenly; where the result is NaN, so are both gradients.
  public static let maximum: Operator = Elementwise.binary(
    "maximum", "The larger of two elements, NaN if either is; equal ones share the gradient evenly.", .maximum,
    exported: "maximum",
    float: { Elementwise.maximum($0, $1) }, double: { Elementwise.maximum($0, $1) },
    integer: .init(evaluate: { max($0, $1) }),
    gradient: .rule { context in
      Elementwise.extremeGradient(context) { context.build.emit1(.less, $1, $0) }
    })
}
