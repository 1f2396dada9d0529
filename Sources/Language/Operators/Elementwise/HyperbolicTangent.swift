import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// The hyperbolic tangent.
  public static let hyperbolicTangent: Operator = Elementwise.unary(
    "hyperbolic_tangent", "The hyperbolic tangent.", .hyperbolicTangent, exported: "tanh", domain: (-3, 3),
    float: { recurve_tanh_f32($0) }, double: { Foundation.tanh($0) },
    gradient: .rule { context in
      let (y, build) = (context.result(), context.build)
      let slope = build.subtract(build.constant(1, like: y), build.multiply(y, y))
      return [build.multiply(context.cotangent, slope)]
    })
}
