import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// The natural logarithm of 1 + the element, exact near 0.
  public static let logarithm1p: Operator = Elementwise.unary(
    "logarithm1p", "The natural logarithm of 1 + the element, exact near 0.", .logarithm1p, exported: "log_plus_one",
    domain: (-0.5, 4),
    float: { recurve_log1p_f32($0) }, double: { Foundation.log1p($0) },
    gradient: .rule { context in
      let (x, build) = (context.operand(0), context.build)
      return [build.divide(context.cotangent, build.add(x, build.constant(1, like: x)))]
    })
}
