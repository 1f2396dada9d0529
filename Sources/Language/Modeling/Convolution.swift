import Operators
import TensorTypes

/// How the windows of a convolution lie along one axis.
public struct ConvolutionAxis: Sendable, Hashable {
  /// From one window to the next.
  public var stride: Int
  /// From one element of a window to the next.
  public var dilation: Int
  /// Zeros before the first element.
  public var before: Int
  /// Zeros behind the last element.
  public var after: Int

  public init(stride: Int = 1, dilation: Int = 1, before: Int = 0, after: Int = 0) {
    (self.stride, self.dilation, self.before, self.after) = (stride, dilation, before, after)
  }

  /// Elements from the first of a window to its last.
  func span(_ size: Int) -> Int { dilation &* (size &- 1) &+ 1 }

  /// How many windows there are.
  func count(_ extent: Int, _ size: Int) -> Int { (extent + before + after - span(size)) / stride + 1 }

  /// Whether its numbers can be computed with, for a window of so many elements.
  func isSound(_ size: Int) -> Bool {
    let most = Int(Int32.max)
    return [stride, dilation, size].allSatisfy((1...most).contains) && [before, after].allSatisfy((0...most).contains)
  }
}

/// Windows of a tensor times a kernel (LeCun et al. 1989): `[B, L..., C], [O, C / groups, K...] -> [B, M..., O]`.
///
/// `y[b, m, o] = sum over c, k of x[b, m stride + k dilation - before, c] kernel[o, c, k]`, a cross-correlation as in PyTorch,
/// whose kernels have the same axes and whose data have channels before the places. With groups an output sees its own part of
/// the channels; with as many groups as channels and outputs, the convolution is depthwise. `M = (L + before + after - dilation
/// (K - 1) - 1) / stride + 1`, rounded down.
///
/// It is one product of windows, which nothing copies (`Tensor.windows`), with the kernel; its gradient with respect to x likewise
/// one of the cotangent's windows with the kernel reversed, where windows lie next to each other. Where it is depthwise it is a
/// sum of scaled windows.
///
/// - Parameters:
///   - axes: of the places, one at least: `convolution.1`, `convolution.3`.
///   - groups: divides the channels and the outputs: `convolution.2`.
public func convolution(
  _ x: Tensor, _ kernel: Tensor, _ axes: [ConvolutionAxis], groups: Int = 1, file: StaticString = #fileID,
  line: Int = #line
) -> Tensor {
  located(file, line) {
    if let problem = problem(x, kernel, axes, groups) { return refused([x, kernel], problem, x.type) }
    let isDepthwise = groups == kernel.extent(0) && groups == x.extent(-1)
    return scope("convolution") {
      isDepthwise ? scaled(x, kernel, axes) : ConvolutionProduct(axes: axes, groups: groups)(x, kernel)
    }
  }
}

private func problem(_ x: Tensor, _ kernel: Tensor, _ axes: [ConvolutionAxis], _ groups: Int) -> TypeError? {
  guard !axes.isEmpty, x.rank == axes.count + 2, kernel.rank == x.rank else {
    let needed = "needs [B, L..., C] and a kernel [O, C / groups, K...] with \(max(axes.count, 1)) axes of places"
    return TypeError("convolution.1", "\(needed), got \(x.type) and \(kernel.type)")
  }
  let (channels, outputs) = (x.extent(-1), kernel.extent(0))
  guard groups >= 1, outputs.isMultiple(of: groups), channels.isMultiple(of: groups),
    kernel.extent(1) == channels / groups
  else {
    let needed = "needs \(groups) groups that divide \(channels) channels and \(outputs) outputs"
    return TypeError("convolution.2", "\(needed), got a kernel \(kernel.type)")
  }
  for (place, axis) in axes.enumerated() {
    let (extent, size) = (x.extent(place + 1), kernel.extent(place + 2))
    guard axis.isSound(size), extent + axis.before + axis.after >= axis.span(size) else {
      let found =
        "\(size) elements \(axis.dilation) apart, \(extent) places with \(axis.before) and \(axis.after) zeros"
      let needed = "needs windows that fit along axis \(place + 1), a stride and a dilation of at least 1"
      return TypeError("convolution.3", "\(needed), got \(found), stride \(axis.stride)")
    }
  }
  return nil
}

/// For each element of a window along an axis, what stands there in all windows: `[..., L, ...] -> [..., M, ...]`.
private func elements(of x: Tensor, along place: Int, _ axis: ConvolutionAxis, size: Int) -> [Tensor] {
  let count = axis.count(x.extent(place), size)
  // With a stride the last window ends with elements that nothing reads.
  let needed = axis.dilation * (size - 1) + count * axis.stride
  let after = needed - x.extent(place) - axis.before
  let isPadded = axis.before > 0 || after > 0
  let padded = isPadded ? x.padded(axis: place, before: axis.before, after: max(after, 0)) : x
  return (0..<size).map { element in
    let start = element * axis.dilation
    let run = padded.slice(start..<start + count * axis.stride, axis: place)
    if axis.stride == 1 { return run }
    var split = run.shape.extents
    split.replaceSubrange(place...place, with: [count, axis.stride])
    return run.reshaped(to: Shape(split)).at(0, axis: place + 1)
  }
}

/// Sums of windows scaled by a kernel `[C, 1, K...]`.
private func scaled(_ x: Tensor, _ kernel: Tensor, _ axes: [ConvolutionAxis]) -> Tensor {
  let windows = zip(axes, 1...).reduce([x]) { parts, axis in
    parts.flatMap { elements(of: $0, along: axis.1, axis.0, size: kernel.extent(axis.1 + 1)) }
  }
  let factors = kernel.reshaped(to: [kernel.extent(0), windows.count])
  let parts = windows.enumerated().map { $0.element * factors.at($0.offset, axis: 1) }
  return parts.dropFirst().reduce(parts[0], +)
}
