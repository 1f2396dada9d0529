import CKernelSupport
import Foundation
import KernelIR

extension Operator {
  /// a to the power of b, with the special cases of C (Annex F): a negative a needs a whole b, or the result is NaN.
  ///
  /// The gradient with respect to a is `b a^(b - 1)`, 0 for b = 0. The one with respect to b is `a^b log(a)`: 0 where
  /// a = 0 and b >= 0, NaN for a negative a, which no other b near by has a power of.
  public static let power: Operator = Elementwise.binary(
    "power", "a to the power of b.", .power, exported: "power",
    domains: [.uniform(0.3, 3), .uniform(-2, 2)],
    float: { recurve_pow_f32($0, $1) }, double: { Foundation.pow($0, $1) },
    gradient: .rule { context in
      let (a, b, cotangent, build) = (context.operand(0), context.operand(1), context.cotangent, context.build)
      let zero = build.constant(0, like: a)
      let lowered = build.emit1(.power, a, build.subtract(b, build.constant(1, like: b)))
      let slope = build.select(build.emit1(.equal, b, zero), zero, build.multiply(b, lowered))
      let isFlat = build.emit1(.and, build.emit1(.equal, a, zero), build.emit1(.lessOrEqual, zero, b))
      let growth = build.multiply(context.result(), build.emit1(.logarithm, a))
      return [build.multiply(cotangent, slope), build.multiply(cotangent, build.select(isFlat, zero, growth))]
    })
}
