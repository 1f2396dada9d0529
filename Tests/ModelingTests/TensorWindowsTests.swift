import Recurve
import TestSupport
import Testing

/// Windows, and convolutions as products of them.
@Suite struct TensorWindowsTests {
  /// What `windows` should give, from slices.
  private static func sliced(_ x: Tensor, axis: Int, size: Int, stride: Int, dilation: Int) -> Tensor {
    let count = (x.extent(axis) - dilation * (size - 1) - 1) / stride + 1
    let all = (0..<count).map { window in
      stack((0..<size).map { x.at(window * stride + $0 * dilation, axis: axis) }, axis: axis)
    }
    return stack(all, axis: axis)
  }

  private static let forms: [(Int, Int, Int, Int)] = [
    (1, 3, 1, 1), (1, 3, 2, 1), (1, 2, 1, 3), (1, 2, 3, 2), (0, 2, 1, 1), (2, 3, 1, 1), (1, 1, 4, 1),
  ]

  @Test(arguments: forms)
  func windowsAreSlices(_ axis: Int, _ size: Int, _ stride: Int, _ dilation: Int) throws {
    let numbers: [Float] = (0..<54).map { Float(($0 * 37) % 53 - 20) }
    let windows = TensorFunction([2, 9, 3], numbers) {
      $0.windows(axis: axis, size: size, stride: stride, dilation: dilation)
    }
    let slices = TensorFunction([2, 9, 3], numbers) {
      Self.sliced($0, axis: axis, size: size, stride: stride, dilation: dilation)
    }
    #expect(try windows.value() == slices.value())
    #expect(try windows.gradient().isNear(slices.gradient(), within: 1e-6))
    #expect(try windows.gradientError() < 1e-6)
  }

  /// Stride, dilation, zeros before and behind, groups.
  private static let convolutions: [(Int, Int, Int, Int, Int)] = [
    (1, 1, 1, 1, 1), (1, 1, 0, 0, 1), (1, 1, 2, 1, 1), (2, 1, 1, 0, 1), (1, 2, 2, 2, 1), (1, 1, 3, 0, 1),
    (1, 1, 1, 1, 2), (2, 2, 1, 1, 2),
  ]

  /// Every way in which the gradient is taken: by a convolution of the cotangent, and from windows where they are apart or zeros
  /// around fill one.
  @Test(arguments: convolutions)
  func convolutionsHaveTheirGradients(_ stride: Int, _ dilation: Int, _ before: Int, _ after: Int, _ groups: Int) throws
  {
    let axis = ConvolutionAxis(stride: stride, dilation: dilation, before: before, after: after)
    let kernel: [Float] = (0..<72 / groups).map { Float(($0 * 29) % 31 - 16) / 16 }
    let picture: [Float] = (0..<40).map { Float(($0 * 41) % 43 - 20) / 20 }
    let byPicture = TensorFunction([1, 5, 4, 2], picture) {
      convolution($0, .values(kernel, [4, 2 / groups, 3, 3]), [axis, axis], groups: groups)
    }
    let byKernel = TensorFunction([4, 2 / groups, 3, 3], kernel) {
      convolution(.values(picture, [1, 5, 4, 2]), $0, [axis, axis], groups: groups)
    }
    for function in [byPicture, byKernel] {
      _ = try function.gradient()
      #expect(try function.gradientError() < 1e-6)
    }
  }

  /// A step computes in less than the windows laid side by side would take.
  @Test func windowsAreNotStored() throws {
    let (side, channels) = (16, 8)
    let layer = TensorFunction(
      Shape([4, side, side, channels]), Array(repeating: 1, count: 4 * side * side * channels)
    ) {
      let axis = ConvolutionAxis(before: 1, after: 1)
      return convolution($0, .constant(1, [channels, channels, 3, 3]), [axis, axis]).sum()
    }
    let traced = try layer.traced(name: "layer")
    let plan = try Compiler.plan(traced.graph.withGradients(), CompilerOptions(workerCount: 1))
    let stored = 4 * side * side * channels * 9 * 4
    #expect(plan.memory.arenaByteCount < stored, "\(plan.memory.arenaByteCount) of \(stored) bytes")
  }

  @Test func misuseIsTold() {
    func message(_ build: @escaping @Sendable (Tensor) -> Tensor) -> String {
      DraftedModel.message { build($0("x", [2, 9])) }
    }
    #expect(
      message { $0.windows(axis: 1, size: 0) }.contains(
        "windows.2: needs a size, a stride and a dilation of at least 1, got 0, 1 and 1"))
    #expect(
      message { $0.windows(axis: 1, size: 4, dilation: 3) }.contains(
        "windows.3: needs a window that fits along axis 1 of f32[2, 9], got 4 elements 3 apart"))
    #expect(message { $0.windows(axis: 2, size: 1) }.contains("windows.axis: axis 2 is not there"))
  }
}
