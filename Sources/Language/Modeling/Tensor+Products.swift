import GraphIR
import Operators
import TensorTypes

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
