import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// a to the power of b, for a > 0.
  public static let power: Operator = Elementwise.binary(
    "power", "a to the power of b, for a > 0.", ScalarFunction("recurve_pow_{T}({0}, {1})", flops: 40),
    domains: [.uniform(0.3, 3), .uniform(-2, 2)],
    float: { recurve_pow_f32($0, $1) }, double: { Foundation.pow($0, $1) },
    gradient: .rule { context in
      let (a, b, build) = (context.operand(0), context.operand(1), context.build)
      let weighted = build.multiply(context.cotangent, context.result())
      let toBase = build.divide(build.multiply(weighted, b), a)
      return [toBase, build.multiply(weighted, build.emit1(.logarithm, a))]
    })
}
