import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// The angle of the point (b, a), in radians.
  public static let arctangent2: Operator = Elementwise.binary(
    "arctangent2", "The angle of the point (b, a), in radians.", .arctangent2, exported: "atan2",
    domains: [.uniform(0.3, 2), .uniform(-2, 2)],
    float: { recurve_atan2_f32($0, $1) }, double: { Foundation.atan2($0, $1) },
    gradient: .rule { context in
      let (y, x, build) = (context.operand(0), context.operand(1), context.build)
      // Scaled, so that the squares of tiny and huge coordinates neither vanish nor overflow.
      let scale = build.emit1(.maximum, build.emit1(.absolute, x), build.emit1(.absolute, y))
      let (up, across) = (build.divide(y, scale), build.divide(x, scale))
      let squared = build.add(build.multiply(across, across), build.multiply(up, up))
      let weighted = build.divide(build.divide(context.cotangent, scale), squared)
      return [build.multiply(weighted, across), build.negate(build.multiply(weighted, up))]
    })
}
