import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// e to the power of the element.
  public static let exponential: Operator = Elementwise.unary(
    "exponential", "e to the power of the element.", .exponential, exported: "exponential", domain: (-3, 3),
    float: { recurve_exp_f32($0) }, double: { Foundation.exp($0) },
    gradient: .rule { context in
      [context.build.multiply(context.cotangent, context.result())]
    })
}
