import Recurve
import Testing

/// Gradients of the composed functions against central differences in double precision.
@Suite struct TensorNameGradientTests {
  private static let functions: [(String, @Sendable (Tensor) -> Tensor)] = [
    ("erf", { erf($0) }),
    ("log1p", { log1p($0 * 0.3) }),
    ("atan2", { atan2($0, $0 * $0 + 1) }),
    ("softplus", { softplus($0 * 3) }),
    ("logSoftmax", { logSoftmax($0) }),
    ("maximum", { maximum($0, 0.1) + maximum(0.2, $0) }),
    ("minimum", { minimum($0, 0.1) + minimum(0.2, $0) }),
    ("select", { select($0 .> 0.1, $0 * $0, 0.3) + select($0 .> 0.2, 0.5, $0 * 3) }),
    ("power", { power($0, 3) + power($0 * $0 + 1, -0.5) + power(2, $0) }),
    ("clamped", { $0.clamped(to: -0.55...0.65) }),
    ("sum", { $0.sum(axes: [0, -1]) }),
    ("mean", { $0.mean(axes: [1, 0], keepsAxes: true) * $0 }),
    ("max", { $0.max(axes: [0, 2]) }),
    ("min", { $0.min(axis: 1) + $0.min(axes: [0, 1]) }),
    ("variance", { $0.variance(axis: -1) * $0.variance(axes: [0, 1, 2]) }),
    ("logSumExp", { $0.logSumExp(axis: 1) * $0.logSumExp(axis: 0, keepsAxis: true).sum() }),
    ("product", { $0.product(axis: 1) }),
    ("padded", { sin($0.padded(axis: 1, before: 2, after: 1)) }),
    ("subscript", { $0[-1, 1..., 0] * $0[0, ..<(-1), 1] }),
    ("stack", { stack([$0, $0 * $0], axis: -2) }),
    ("axes", { sin($0.expanded(at: 1)).squeezed(axis: 1) }),
    ("tril", { $0.tril() * $0.triu(diagonal: -1) }),
    ("scatterAdd", { scatterAdd($0, .constant(1, [1], .int32), $0[..<1] * $0[1...]) }),
  ]

  @Test(arguments: functions.indices) func gradientsEqualDifferences(_ index: Int) throws {
    let (name, function) = Self.functions[index]
    // Distinct, and none at an edge.
    let numbers = (0..<12).map { Float(($0 * 5) % 12) * 0.21 - 1.17 }
    let error = try TensorFunction([2, 3, 2], numbers, function).gradientError()
    #expect(error < 1e-6, "\(name): \(error)")
  }

  @Test func roundedNumbersHaveNoSlope() throws {
    #expect(try TensorFunction([0.5, -1.5]) { floor($0) + sign($0) + $0 }.gradient() == [1, 2])
  }
}
