import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// 1 / (1 + e^-x).
  public static let sigmoid: Operator = Elementwise.unary(
    "sigmoid", "1 / (1 + e^-x).", .sigmoid, exported: "logistic", domain: (-4, 4),
    float: { recurve_sigmoid_f32($0) }, double: { 1 / (1 + Foundation.exp(-$0)) },
    gradient: .rule { context in
      let (y, build) = (context.result(), context.build)
      let slope = build.multiply(y, build.subtract(build.constant(1, like: y), y))
      return [build.multiply(context.cotangent, slope)]
    })
}
