import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// The cosine of an angle in radians; in f32, angles beyond 2^40, of which one unit in the last place is many periods, give
  /// NaN.
  public static let cosine: Operator = Elementwise.unary(
    "cosine", "The cosine of an angle in radians.", .cosine, exported: "cosine", domain: (-6, 6),
    float: { recurve_cos_f32($0) }, double: { Foundation.cos($0) },
    gradient: .rule { context in
      let build = context.build
      return [build.negate(build.multiply(context.cotangent, build.emit1(.sine, context.operand(0))))]
    })
}
