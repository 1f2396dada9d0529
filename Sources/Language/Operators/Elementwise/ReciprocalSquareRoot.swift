import CKernelSupport
import KernelIR

extension Operator {
  /// 1 over the square root.
  public static let reciprocalSquareRoot: Operator = Elementwise.unary(
    "reciprocal_square_root", "1 over the square root.", .reciprocalSquareRoot, exported: "rsqrt", domain: (0.1, 4),
    float: { recurve_rsqrt_f32($0) }, double: { 1 / $0.squareRoot() },
    gradient: .rule { context in
      let (y, build) = (context.result(), context.build)
      let slope = build.scale(build.multiply(y, build.multiply(y, y)), by: -0.5)
      return [build.multiply(context.cotangent, slope)]
    })
}
