import Operators
import TensorTypes

/// A convolution as a product of the windows of its operand with its kernel.
struct ConvolutionProduct {
  let axes: [ConvolutionAxis]
  let groups: Int

  /// `[B, L..., C], [O, C / G, K...] -> [B, M..., O]`
  func callAsFunction(_ x: Tensor, _ kernel: Tensor) -> Tensor {
    guard let back = turned(x, kernel) else { return product(of: x, kernel) }
    return customGradient([x, kernel]) {
      [product(of: $0[0], $0[1])]
    } gradient: { operands, _, cotangents in
      let toKernel = kernelGradient(cotangents[0], windows(operands[0], operands[1]), operands[1])
      return [back.product(of: cotangents[0], flipped(operands[1])), toKernel]
    }[0]
  }

  /// The convolution of the cotangent that is the gradient with respect to the operand: that of a cotangent of as many zeros
  /// around it as windows reach beyond it. Nil where windows do not begin at every place, or zeros around the operand fill one.
  private func turned(_ x: Tensor, _ kernel: Tensor) -> ConvolutionProduct? {
    var turned: [ConvolutionAxis] = []
    for (place, axis) in axes.enumerated() {
      let reach = axis.span(kernel.extent(place + 2)) - 1
      guard axis.stride == 1, axis.before <= reach, axis.after <= reach else { return nil }
      turned.append(ConvolutionAxis(dilation: axis.dilation, before: reach - axis.before, after: reach - axis.after))
    }
    return ConvolutionProduct(axes: turned, groups: groups)
  }

  /// The kernel from end to end, with outputs for inputs: `[O, C / G, K...] -> [C, O / G, K...]`.
  private func flipped(_ kernel: Tensor) -> Tensor {
    let (sizes, own) = (Array(kernel.shape.extents.dropFirst(2)), kernel.extent(1))
    let reversed = axes.indices.reduce(kernel) { $0.reversed(axis: $1 + 2) }
    let split = reversed.reshaped(to: Shape([groups, kernel.extent(0) / groups, own] + sizes))
    let order = [0, 2, 1] + sizes.indices.map { $0 + 3 }
    return split.permuted(order).reshaped(to: Shape([groups * own, kernel.extent(0) / groups] + sizes))
  }

  /// `[B, M..., K..., G, C / G]`, of which nothing is stored but what stands for zeros around the operand.
  private func windows(_ x: Tensor, _ kernel: Tensor) -> Tensor {
    let padded = zip(axes, 1...).reduce(x) { x, axis in
      let isPadded = axis.0.before > 0 || axis.0.after > 0
      return isPadded ? x.padded(axis: axis.1, before: axis.0.before, after: axis.0.after) : x
    }
    let split = padded.reshaped(to: Shape(padded.shape.extents.dropLast() + [groups, x.extent(-1) / groups]))
    // Each axis of places becomes two, so that the next one stands one further on.
    let all = zip(axes, axes.indices).reduce(split) { x, axis in
      x.windows(
        axis: 2 * axis.1 + 1, size: kernel.extent(axis.1 + 2), stride: axis.0.stride, dilation: axis.0.dilation)
    }
    let (places, elements) = (axes.indices.map { 2 * $0 + 1 }, axes.indices.map { 2 * $0 + 2 })
    return all.permuted([0] + places + elements + [all.rank - 2, all.rank - 1])
  }

  private func product(of x: Tensor, _ kernel: Tensor) -> Tensor {
    let (count, sizes) = (axes.count, Array(kernel.shape.extents.dropFirst(2)))
    let (outputs, own) = (kernel.extent(0) / groups, kernel.extent(1))
    let factors = kernel.reshaped(to: Shape([groups, outputs, own] + sizes))
    let elements = (count + 1)..<(2 * count + 1)
    let found = dot(
      windows(x, kernel), factors,
      DotAxes(
        leftBatch: [2 * count + 1], rightBatch: [0], leftInner: elements + [2 * count + 2],
        rightInner: (3..<count + 3) + [2]))
    let places = found.shape.extents[1...(count + 1)]
    return found.permuted((1...count + 1) + [0, count + 2]).reshaped(to: Shape(places + [groups * outputs]))
  }

  /// With respect to the kernel, `[O, C / G, K...]`.
  private func kernelGradient(_ cotangent: Tensor, _ windows: Tensor, _ kernel: Tensor) -> Tensor {
    let (count, places) = (axes.count, Array(0...axes.count))
    let split = cotangent.reshaped(
      to: Shape(cotangent.shape.extents.dropLast() + [groups, kernel.extent(0) / groups]))
    let found = dot(
      split, windows,
      DotAxes(leftBatch: [count + 1], rightBatch: [2 * count + 1], leftInner: places, rightInner: places))
    // [G, O / G, K..., C / G]
    return found.permuted([0, 1, count + 2] + (2..<count + 2)).reshaped(to: Shape(kernel.shape.extents))
  }
}

extension Tensor {
  fileprivate func permuted(_ order: [Int]) -> Tensor { apply(.transpose, ["permutation": .integers(order)]) }
}
