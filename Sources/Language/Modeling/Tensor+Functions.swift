import GraphIR
import Operators
import TensorTypes

/// Element-wise functions.
public func exp(_ x: Tensor) -> Tensor { x.apply(.exponential) }
public func log(_ x: Tensor) -> Tensor { x.apply(.logarithm) }
public func sqrt(_ x: Tensor) -> Tensor { x.apply(.squareRoot) }
public func rsqrt(_ x: Tensor) -> Tensor { x.apply(.reciprocalSquareRoot) }
public func tanh(_ x: Tensor) -> Tensor { x.apply(.hyperbolicTangent) }
public func sigmoid(_ x: Tensor) -> Tensor { x.apply(.sigmoid) }
public func sin(_ x: Tensor) -> Tensor { x.apply(.sine) }
public func cos(_ x: Tensor) -> Tensor { x.apply(.cosine) }
public func abs(_ x: Tensor) -> Tensor { x.apply(.absolute) }
public func silu(_ x: Tensor) -> Tensor { x.apply(.silu) }
public func gelu(_ x: Tensor) -> Tensor { x.apply(.gelu) }
public func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { Tensor.binary(.maximum, a, b) }
public func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { Tensor.binary(.minimum, a, b) }
public func power(_ a: Tensor, _ b: Tensor) -> Tensor { Tensor.binary(.power, a, b) }

/// The element where it is positive, 0 where it is not; NaN stays NaN. The slope at 0 is 0.
public func relu(_ x: Tensor) -> Tensor { select(x .<= 0, x.constant(like: 0), x) }

/// `silu(gate) * up` (Shazeer 2020).
public func swiglu(_ gate: Tensor, _ up: Tensor) -> Tensor { Tensor.apply(.swiglu, [gate, up]) }

/// Positive numbers that sum to 1 along the last axis.
public func softmax(_ x: Tensor) -> Tensor { x.apply(.softmax) }

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

/// Minus the log-probability of each label: scores `[..., classes]`, labels `i32[...]` -> `[...]`.
///
/// - Parameter ignoring: a label whose loss is 0.
public func crossEntropy(
  _ scores: Tensor, _ labels: Tensor, ignoring: Int? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { loss(.crossEntropy, scores, labels, ignoring) }
}

/// Like `crossEntropy`, with stablemax in place of softmax, in double precision.
public func stablemaxCrossEntropy(
  _ scores: Tensor, _ labels: Tensor, ignoring: Int? = nil, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { loss(.stablemaxCrossEntropy, scores, labels, ignoring) }
}

/// The cross-entropy of targets in [0, 1] under the sigmoid of scores, element by element.
public func binaryCrossEntropy(
  _ scores: Tensor, _ targets: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) { Tensor.binary(.binaryCrossEntropy, scores, targets) }
}

private func loss(_ used: Operator, _ scores: Tensor, _ labels: Tensor, _ ignored: Int?) -> Tensor {
  let attributes: Attributes = ignored.map { ["ignored_label": .integer($0)] } ?? [:]
  return Tensor.apply(used, [scores, labels], attributes, guess: scores.type.with(labels.shape))
}

/// `x W^T`: `[..., inputs], [outputs, inputs] -> [..., outputs]`.
public func linear(_ x: Tensor, _ weight: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) {
    x.checked("linear", axes: [-1]) {
      weight.checked("linear", axes: [-1]) {
        dot(x, weight, DotAxes(leftInner: [x.rank - 1], rightInner: [weight.rank - 1]))
      }
    }
  }
}

/// Products summed over shared axes; the result has the batch, left free and right free axes.
public func dot(
  _ a: Tensor, _ b: Tensor, _ axes: DotAxes, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let (left, right) = (
      GroupedAxes(axes.leftBatch, axes.leftInner, a), GroupedAxes(axes.rightBatch, axes.rightInner, b)
    )
    guard let left, let right, left.isLong || right.isLong else { return Tensor.apply(.dot, [a, b], axes.attributes) }
    let merged = DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [2], rightInner: [2])
    return dot(left.merged, right.merged, merged).reshaped(to: Shape(left.batch + left.free + right.free))
  }
}

/// The axes of one operand of a `dot` with more axes than the operator takes, to be merged group by group.
private struct GroupedAxes {
  private let tensor: Tensor
  private let order: [Int]
  let batch: [Int]
  let free: [Int]
  private let inner: [Int]

  /// nil for axes that are not there or there twice, of which the type rule complains.
  init?(_ batch: [Int], _ inner: [Int], _ tensor: Tensor) {
    let rest = (0..<tensor.rank).filter { !batch.contains($0) && !inner.contains($0) }
    order = batch + rest + inner
    guard order.sorted() == Array(0..<tensor.rank) else { return nil }
    self.tensor = tensor
    self.batch = batch.map { tensor.shape[$0] }
    free = rest.map { tensor.shape[$0] }
    self.inner = inner.map { tensor.shape[$0] }
  }

  var isLong: Bool { [batch, free, inner].contains { $0.filter { $0 != 1 }.count > DotAxes.limit } }

  /// `[batch, free, inner]`.
  var merged: Tensor {
    let ordered =
      order == Array(0..<tensor.rank) ? tensor : tensor.apply(.transpose, ["permutation": .integers(order)])
    return ordered.reshaped(to: Shape([batch, free, inner].map { Shape($0).elementCount }))
  }
}

/// The matrix product over the last two axes; leading axes are batch axes and must agree.
public func matmul(_ a: Tensor, _ b: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) {
    let batch = Array(0..<max(a.rank - 2, 0))
    let (left, right) = (a.shape.extents.dropLast(2), b.shape.extents.dropLast(2))
    guard a.rank >= 2, b.rank >= 2, left == right, a.extent(-1) == b.extent(-2) else {
      let problem =
        a.rank < 2 || b.rank < 2
        ? "needs two axes at least"
        : left != right ? "leading axes are batch axes and must agree" : "inner axes must agree"
      let guess = a.type.with(Shape(a.shape.extents.dropLast(1) + b.shape.extents.suffix(1)))
      return refused([a, b], TypeError("matmul.1", "\(problem), got \(a.type) and \(b.type)"), guess)
    }
    return dot(a, b, DotAxes(leftBatch: batch, rightBatch: batch, leftInner: [a.rank - 1], rightInner: [batch.count]))
  }
}

/// Rows of a table by number: `[V, rest], i32[...] -> [..., rest]`.
public func gather(
  _ table: Tensor, _ numbers: Tensor, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let guess = table.type.with(Shape(numbers.shape.extents + table.shape.extents.dropFirst()))
    return Tensor.apply(.gather, [table, numbers], guess: guess)
  }
}
