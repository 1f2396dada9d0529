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
///
/// Where there are batch axes and one of the tensors has no others but the inner ones, matrices meet vectors, as the states of a
/// delta rule meet keys: that is a product of elements and their sum, in the order of `sum`, which kernels compute with what is
/// before and behind it. Without inner axes it is the product of elements alone. Everything else is `Operator.dot`.
public func dot(
  _ a: Tensor, _ b: Tensor, _ axes: DotAxes, file: StaticString = #fileID, line: Int = #line
) -> Tensor {
  located(file, line) {
    let (left, right) = (
      GroupedAxes(axes.leftBatch, axes.leftInner, a), GroupedAxes(axes.rightBatch, axes.rightInner, b)
    )
    // Axes that do not pair are the type rule's to refuse: merged, only their products would be compared.
    guard let left, let right, left.batch == right.batch, left.inner == right.inner else {
      return Tensor.apply(.dot, [a, b], axes.attributes)
    }
    if left.meetsVectors(right) { return left.sumOfProducts(with: right) }
    guard left.isLong || right.isLong else { return Tensor.apply(.dot, [a, b], axes.attributes) }
    let merged = DotAxes(leftBatch: [0], rightBatch: [0], leftInner: [2], rightInner: [2])
    return dot(left.merged, right.merged, merged).reshaped(to: Shape(left.batch + left.free + right.free))
  }
}

/// The axes of one operand of a `dot`, group by group.
private struct GroupedAxes {
  private let tensor: Tensor
  private let order: [Int]
  let batch: [Int]
  let free: [Int]
  let inner: [Int]

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

  /// Whether there are more axes than the operator takes.
  var isLong: Bool { [batch, free, inner].contains { $0.filter { $0 != 1 }.count > DotAxes.limit } }

  /// `[batch..., free..., inner...]`.
  private var ordered: Tensor {
    order == Array(0..<tensor.rank) ? tensor : tensor.apply(.transpose, ["permutation": .integers(order)])
  }

  /// `[batch, free, inner]`.
  var merged: Tensor { ordered.reshaped(to: Shape([batch, free, inner].map { Shape($0).elementCount })) }

  /// Whether the elements of one side each meet one element of the other, by the axes that there are, whatever their extents: how
  /// sums are ordered must not depend on how many rows there are.
  func meetsVectors(_ other: GroupedAxes) -> Bool {
    !batch.isEmpty && (free.isEmpty || other.free.isEmpty || inner.isEmpty) && tensor.type.elementType.isFloatingPoint
      && tensor.type.elementType == other.tensor.type.elementType
  }

  func sumOfProducts(with other: GroupedAxes) -> Tensor {
    let products = besides(other.free, isFirst: true) * other.besides(free, isFirst: false)
    let rank = products.rank
    return inner.isEmpty ? products : products.sum(axes: Array((rank - inner.count)..<rank))
  }

  /// With axes of extent 1 where the other one's free axes are.
  private func besides(_ others: [Int], isFirst: Bool) -> Tensor {
    guard !others.isEmpty else { return ordered }
    let ones = Array(repeating: 1, count: others.count)
    let shape = Shape(batch + (isFirst ? free + ones : ones + free) + inner, names: names(ones.count, isFirst))
    return ordered.reshaped(to: shape)
  }

  private func names(_ count: Int, _ isFirst: Bool) -> [String?] {
    var names = ordered.shape.names
    names.insert(contentsOf: [String?](repeating: nil, count: count), at: batch.count + (isFirst ? free.count : 0))
    return names
  }
}

/// The matrix product over the last two axes: `[batch, m, k], [batch, k, n] -> [batch, m, n]`.
///
/// Leading axes are batch axes: those of extent 1 and missing ones are repeated, as NumPy does. Others must agree, as must k:
/// `matmul.1`.
public func matmul(_ a: Tensor, _ b: Tensor, file: StaticString = #fileID, line: Int = #line) -> Tensor {
  located(file, line) {
    let leading = LeadingAxes(a.shape.extents.dropLast(2), b.shape.extents.dropLast(2))
    guard a.rank >= 2, b.rank >= 2, let leading, a.extent(-1) == b.extent(-2) else {
      let problem =
        a.rank < 2 || b.rank < 2
        ? "needs two axes at least"
        : leading == nil ? "leading axes are batch axes and must agree" : "inner axes must agree"
      let guess = a.type.with(Shape(a.shape.extents.dropLast(1) + b.shape.extents.suffix(1)))
      return refused([a, b], TypeError("matmul.1", "\(problem), got \(a.type) and \(b.type)"), guess)
    }
    return leading.product(a, b)
  }
}

/// How the leading axes of two tensors meet in a matrix product. What only one of them has is a free axis of its own: so
/// nothing is repeated in memory.
private struct LeadingAxes {
  /// Axes of the result that both have, that the left has and that the right has.
  private var (shared, left, right): ([Int], [Int], [Int]) = ([], [], [])
  private let count: Int

  /// nil where extents differ and neither is 1.
  init?(_ a: [Int], _ b: [Int]) {
    count = max(a.count, b.count)
    for axis in 0..<count {
      let (i, j) = (axis - (count - a.count), axis - (count - b.count))
      let (first, second) = (i < 0 ? 1 : a[i], j < 0 ? 1 : b[j])
      if i >= 0, j >= 0, first == second {
        shared.append(axis)
      } else if second == 1, i >= 0 {
        left.append(axis)
      } else if first == 1, j >= 0 {
        right.append(axis)
      } else {
        return nil
      }
    }
  }

  func product(_ a: Tensor, _ b: Tensor) -> Tensor {
    let (first, leftOrder) = kept(left, of: a)
    let (second, rightOrder) = kept(right, of: b)
    let axes = DotAxes(
      leftBatch: shared.compactMap(leftOrder.firstIndex), rightBatch: shared.compactMap(rightOrder.firstIndex),
      leftInner: [first.rank - 1], rightInner: [second.rank - 2])
    let order = shared + left + [count] + right + [count + 1]
    let permutation = order.indices.compactMap(order.firstIndex)
    let result = dot(first, second, axes)
    return permutation == Array(order.indices)
      ? result : result.apply(.transpose, ["permutation": .integers(permutation)])
  }

  /// The tensor without the leading axes that the other one is repeated along, and the axes of the result that it has.
  private func kept(_ own: [Int], of tensor: Tensor) -> (Tensor, [Int]) {
    let missing = count + 2 - tensor.rank
    let order = (missing..<count).filter { shared.contains($0) || own.contains($0) }
    let dropped = (missing..<count).filter { !order.contains($0) }.map { $0 - missing }
    return (dropped.isEmpty ? tensor : tensor.reshaped(to: tensor.shape.removing(dropped)), order)
  }
}
