import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// The Gauss error function.
  public static let errorFunction: Operator = Elementwise.unary(
    "error_function", "The Gauss error function.", .errorFunction, exported: "chlo.erf", domain: (-3, 3),
    float: { recurve_erf_f32($0) }, double: { Foundation.erf($0) },
    gradient: .rule { context in
      let (x, build) = (context.operand(0), context.build)
      let bell = build.emit1(.exponential, build.negate(build.multiply(x, x)))
      return [build.multiply(context.cotangent, build.scale(bell, by: 1.1283791670955126))]
    })
}
