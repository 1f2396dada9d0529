import GraphIR
import Operators
import TensorTypes

/// Element-wise functions.
public func exp(_ x: Tensor) -> Tensor { x.apply(.exponential) }
/// The natural logarithm; of 0 minus infinity, of negative numbers NaN.
public func log(_ x: Tensor) -> Tensor { x.apply(.logarithm) }
/// The square root; of negative numbers NaN.
public func sqrt(_ x: Tensor) -> Tensor { x.apply(.squareRoot) }
/// One over the square root.
public func rsqrt(_ x: Tensor) -> Tensor { x.apply(.reciprocalSquareRoot) }
/// The hyperbolic tangent.
public func tanh(_ x: Tensor) -> Tensor { x.apply(.hyperbolicTangent) }
/// The logistic function, 1 / (1 + exp(-x)).
public func sigmoid(_ x: Tensor) -> Tensor { x.apply(.sigmoid) }
/// The sine of radians.
public func sin(_ x: Tensor) -> Tensor { x.apply(.sine) }
/// The cosine of radians.
public func cos(_ x: Tensor) -> Tensor { x.apply(.cosine) }
/// The absolute value; its gradient at 0 is 0.
public func abs(_ x: Tensor) -> Tensor { x.apply(.absolute) }
/// x sigmoid(x) (Elfwing et al. 2017), also called swish.
public func silu(_ x: Tensor) -> Tensor { x.apply(.silu) }
/// The Gaussian error linear unit in its tanh form (Hendrycks and Gimpel 2016).
public func gelu(_ x: Tensor) -> Tensor { x.apply(.gelu) }
/// The larger of two elements; NaN where one is. Equal ones share the gradient.
public func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { Tensor.binary(.maximum, a, b) }
/// The smaller of two elements; NaN where one is. Equal ones share the gradient.
public func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { Tensor.binary(.minimum, a, b) }
/// a to the power of b, as IEEE 754 has it.
public func power(_ a: Tensor, _ b: Tensor) -> Tensor { Tensor.binary(.power, a, b) }

/// The element where it is positive, 0 where it is not; NaN stays NaN. The slope at 0 is 0.
public func relu(_ x: Tensor) -> Tensor { select(x .<= 0, x.constant(like: 0), x) }

/// `x P(X <= x)` for a standard normal X (Hendrycks and Gimpel 2016), exact with the error function or in the tanh form.
public func gelu(_ x: Tensor, isExact: Bool, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { isExact ? x * ((erf(x * 0.5.squareRoot()) + 1) * 0.5) : gelu(x) }
}

/// The largest integer that is not larger; NaN stays NaN. No gradient flows.
public func floor(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { x.apply(.floor) }
}

/// -1 or 1; zeros and NaN stay what they are. No gradient flows.
public func sign(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { x.apply(.sign) }
}

/// The Gauss error function, `2 / sqrt(pi)` times the integral of `exp(-t^2)` from 0 to the element.
public func erf(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { x.apply(.errorFunction) }
}

/// The natural logarithm of 1 + the element, exact near 0; NaN below -1.
public func log1p(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { x.apply(.logarithm1p) }
}

/// The angle of the point (x, y) in -pi...pi, in radians.
public func atan2(_ y: Tensor, _ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) { Tensor.binary(.arctangent2, y, x) }
}

/// `log(1 + e^x)` (Dugas et al. 2001), which neither overflows nor loses small results: x itself for large x, `e^x` for
/// small ones; NaN stays NaN. The slope is `sigmoid(x)`.
public func softplus(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) {
    guard x.type.elementType.isFloatingPoint else {
      return refused([x], TypeError("softplus.1", "needs floating-point numbers, got \(x.type)"), x.type)
    }
    // Where it has a kink, |x| has no second slope.
    return customGradient(
      x, forward: { maximum($0, 0) + log1p(exp(-abs($0))) }, gradient: { x, _, c in c * sigmoid(x) })
  }
}

/// `silu(gate) * up` (Shazeer 2020).
public func swiglu(_ gate: Tensor, _ up: Tensor) -> Tensor { Tensor.apply(.swiglu, [gate, up]) }

/// Positive numbers that sum to 1 along the last axis.
public func softmax(_ x: Tensor) -> Tensor { x.apply(.softmax) }

/// The logarithm of `softmax` along the last axis, right also where a probability is too small for a number (Blanchard et
/// al. 2021).
///
/// Like `softmax`, rows with NaN or +infinity, or with nothing but -infinity, have NaN; elsewhere -infinity stays.
public func logSoftmax(_ x: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) {
    x.checked("logSoftmax", axes: [-1]) {
      // Rows of nothing have no largest element.
      let shifted = x.extent(-1) == 0 ? x : x - x.max(axis: -1, keepsAxis: true).detached()
      return shifted - log(exp(shifted).sum(axis: -1, keepsAxis: true))
    }
  }
}

/// Rows along the last axis scaled to a root mean square of 1, without gain (Zhang and Sennrich 2019).
public func rmsNorm(
  _ x: Tensor, epsilon: Double = 1e-5, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { x.apply(.rootMeanSquareNormalize, ["epsilon": .number(epsilon)]) }
}

/// Rows along the last axis shifted to mean 0 and scaled to variance 1, without gain (Ba et al. 2016).
public func layerNorm(
  _ x: Tensor, epsilon: Double = 1e-5, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { x.apply(.layerNormalize, ["epsilon": .number(epsilon)]) }
}
