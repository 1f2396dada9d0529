import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// The sine of an angle in radians; in f32, angles beyond 2^40, of which one unit in the last place is many periods, give
  /// NaN.
  public static let sine: Operator = Elementwise.unary(
    "sine", "The sine of an angle in radians.", .sine, exported: "sine", domain: (-6, 6),
    float: { recurve_sin_f32($0) }, double: { Foundation.sin($0) },
    gradient: .rule { context in
      let build = context.build
      return [build.multiply(context.cotangent, build.emit1(.cosine, context.operand(0)))]
    })
}
