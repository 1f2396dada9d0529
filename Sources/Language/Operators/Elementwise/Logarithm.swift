import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// The natural logarithm.
  public static let logarithm: Operator = Elementwise.unary(
    "logarithm", "The natural logarithm.", .logarithm, exported: "log", domain: (0.1, 4),
    float: { recurve_log_f32($0) }, double: { Foundation.log($0) },
    gradient: .rule { context in
      [context.build.divide(context.cotangent, context.operand(0))]
    })
}
