import KernelIR

extension Operator {
  /// The smaller of two elements; equal ones share the gradient evenly.
  public static let minimum: Operator = Elementwise.binary(
    "minimum", "The smaller of two elements; equal ones share the gradient evenly.",
    ScalarFunction("({0} < {1} ? {0} : {1})", flops: 1),
    float: { $0 < $1 ? $0 : $1 }, double: { $0 < $1 ? $0 : $1 }, integer: { $0 < $1 ? $0 : $1 },
    gradient: .rule { context in
      Elementwise.extremeGradient(context)
    })
}
