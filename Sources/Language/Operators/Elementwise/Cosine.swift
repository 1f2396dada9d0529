import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// The cosine of an angle in radians.
  public static let cosine: Operator = Elementwise.unary(
    "cosine", "The cosine of an angle in radians.", .cosine, domain: (-6, 6),
    float: { recurve_cos_f32($0) }, double: { Foundation.cos($0) },
    gradient: .rule { context in
      let build = context.build
      return [build.negate(build.multiply(context.cotangent, build.emit1(.sine, context.operand(0))))]
    })
}
