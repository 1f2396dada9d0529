import Recurve
import Testing

/// What is wrong in a use of a name is told with the user's line.
@Suite struct TensorNameMessageTests {
  private func expect(
    _ message: String, line: Int = #line, _ build: @escaping @Sendable (Inputs) -> Tensor
  ) {
    #expect(DraftedModel.message(build) == "ModelingTests/TensorNameMessageTests.swift:\(line): \(message)")
  }

  @Test func reductions() {
    expect("sum.axis: axis -3 is not there; the axes of f32[2, 3] are -2...1") { $0("x", [2, 3]).sum(axes: [0, -3]) }
    expect("sum.1: axes [1, 1] must be distinct axes of f32[2, 3]") { $0("x", [2, 3]).sum(axes: [1, -1]) }
    expect("mean.axis: axis 2 is not there; the axes of f32[2, 3] are -2...1") { $0("x", [2, 3]).mean(axes: [2]) }
    expect("max.axis: axis 2 is not there; the axes of f32[2, 3] are -2...1") { $0("x", [2, 3]).max(axes: [2]) }
    expect("min.axis: axis 2 is not there; the axes of f32[2, 3] are -2...1") { $0("x", [2, 3]).min(axis: 2) }
    expect("reduce_maximum.3: axis 1 of f32[2, 0] has no elements") { $0("x", [2, 0]).min(axis: 1) }
    expect("argmin.axis: axis 2 is not there; the axes of f32[2, 3] are -2...1") { $0("x", [2, 3]).argmin(axis: 2) }
    expect("variance.axis: axis 2 is not there; the axes of f32[2, 3] are -2...1", line: #line + 1) {
      $0("x", [2, 3]).variance(axis: 2)
    }
    expect("logSumExp.axis: axis 0 is not there; the axes of f32[] are none") { $0("x", []).logSumExp(axis: 0) }
    expect("logSoftmax.axis: axis -1 is not there; the axes of f32[] are none") { logSoftmax($0("x", [])) }
    expect("product.axis: axis 2 is not there; the axes of f32[2, 3] are -2...1") { $0("x", [2, 3]).product(axis: 2) }
    expect("product.1: needs numbers, got bool[3]") { $0("x", [3], .bool).product(axis: 0).converted(to: .float32) }
    expect("all.1: needs booleans, got f32[2, 3]") { $0("x", [2, 3]).all(axis: 1).converted(to: .float32) }
    expect("any.axis: axis 1 is not there; the axes of f32[2] are -1...0") { $0("x", [2]).any(axis: 1) }
  }

  @Test func elements() {
    expect("not.1: needs booleans, got f32[2]") { not($0("x", [2])).converted(to: .float32) }
    expect("and.2: needs booleans, got [f32[2], f32[2]]") { and($0("x", [2]), $0("y", [2])) }
    expect("or.2: needs booleans, got [f32[2], f32[2]]") { or($0("x", [2]), $0("y", [2])) }
    expect("floor.1: needs floating-point numbers, got i32[2]") { floor($0("x", [2], .int32)) }
    expect("sign.1: needs floating-point numbers, got i32[2]") { sign($0("x", [2], .int32)) }
    expect("error_function.1: needs floating-point numbers, got i32[2]") { erf($0("x", [2], .int32)) }
    expect("logarithm1p.1: needs floating-point numbers, got i32[2]") { log1p($0("x", [2], .int32)) }
    expect("arctangent2.1: operands must have one shape, got [2] and [3]") { atan2($0("y", [2]), $0("x", [3])) }
    expect("softplus.1: needs floating-point numbers, got i32[2]") { softplus($0("x", [2], .int32)) }
    expect("constant.3: 0.5 is no i32; convert the tensor first") { maximum($0("x", [2], .int32), 0.5) }
    expect("constant.3: 0.5 is no i32; convert the tensor first") { minimum(0.5, $0("x", [2], .int32)) }
    let half = "constant.3: 0.5 is no i32; convert the tensor first"
    expect(half) { select($0("c", [1], .bool), 0.5, $0("x", [1], .int32)) }
    expect("constant.3: 0.5 is no i32; convert the tensor first") { $0("x", [2], .int32).clamped(to: 0.5...1) }
    expect("power.3: needs numbers, got i32[2]") { power($0("x", [2], .int32), 2) }
  }

  @Test func operators() {
    #expect(DraftedModel.message { .!$0("x", [2]) }.contains("not.1: needs booleans, got f32[2]"))
    #expect(DraftedModel.message { $0("x", [2]) .& $0("y", [2]) }.contains("and.2: needs booleans"))
    #expect(DraftedModel.message { $0("x", [2]) .| $0("y", [2]) }.contains("or.2: needs booleans"))
    #expect(DraftedModel.message { $0("x", [2]) .!= $0("y", [3]) }.contains("equal.1: operands must have one shape"))
  }

  @Test func parts() {
    expect("subscript.1: position 2 must lie in 0..<2, axis 0 of f32[2, 3]") { $0("x", [2, 3])[2] }
    expect("subscript.1: position -4 must lie in 0..<3, axis 1 of f32[2, 3]") { $0("x", [2, 3])[0, -4] }
    expect("subscript.1: position \(Int.max) must lie in 0..<2, axis 0 of f32[2]") { $0("x", [2])[Int.max] }
    expect("subscript.1: position \(Int.min) must lie in 0..<2, axis 0 of f32[2]") { $0("x", [2])[Int.min] }
    expect("subscript.1: range 1..<4 must lie in 0..<3, axis 0 of f32[3]") { $0("x", [3])[1..<4] }
    expect("subscript.1: range -1..<1 must lie in 0..<3, axis 0 of f32[3]") { $0("x", [3])[-1..<1] }
    expect("subscript.1: range -1...1 must lie in 0..<3, axis 0 of f32[3]") { $0("x", [3])[-1...1] }
    expect("subscript.1: range 0...\(Int.max) must lie in 0..<3, axis 0 of f32[3]") { $0("x", [3])[0...Int.max] }
    expect("subscript.1: range ...3 must lie in 0..<3, axis 0 of f32[3]") { $0("x", [3])[...3] }
    expect("subscript.1: range 4... must lie in 0..<3, axis 0 of f32[3]") { $0("x", [3])[4...] }
    expect("subscript.1: range ..<-4 must lie in 0..<3, axis 0 of f32[3]") { $0("x", [3])[..<(-4)] }
    expect("subscript.1: position 0 must lie in 0..<0, axis 0 of f32[0]") { $0("x", [0])[0] }
    expect("subscript.2: 2 positions or ranges are too many for the axes of f32[3]") { $0("x", [3])[0, 0] }
    expect("padded.axis: axis 1 is not there; the axes of f32[2] are -1...0") { $0("x", [2]).padded(axis: 1, after: 1) }
    expect("pad.2: padding must not be negative, got -1 and 0") { $0("x", [2]).padded(axis: 0, before: -1) }
  }

  @Test func axes() {
    expect("expanded.axis: axis 3 must lie in -3...2 to be a new one of f32[2, 3]") { $0("x", [2, 3]).expanded(at: 3) }
    expect("expanded.axis: axis -2 must lie in -1...0 to be a new one of f32[]") { $0("x", []).expanded(at: -2) }
    expect("squeezed.1: needs an axis of extent 1, got axis 1 of f32[1, 3]") { $0("x", [1, 3]).squeezed(axis: 1) }
    expect("squeezed.axis: axis 2 is not there; the axes of f32[1, 3] are -2...1", line: #line + 1) {
      $0("x", [1, 3]).squeezed(axis: 2)
    }
    expect("stack.0: needs at least one tensor") { _ in stack([], axis: 0) }
    expect("stack.1: needs one type, got f32[2] and f32[3]") { stack([$0("x", [2]), $0("y", [3])], axis: 0) }
    expect("stack.axis: axis 2 must lie in -2...1 to be a new one of f32[2]", line: #line + 1) { inputs in
      stack([inputs("x", [2]), inputs("y", [2])], axis: 2)
    }
    expect("matmul.1: leading axes are batch axes and must agree, got f32[2, 3, 4] and f32[3, 4, 5]", line: #line + 1) {
      matmul($0("a", [2, 3, 4]), $0("b", [3, 4, 5]))
    }
  }

  @Test func positions() {
    expect("iota.axis: axis 2 is not there; the axes of i32[2, 3] are -2...1", line: #line + 1) { _ in
      Tensor.iota([2, 3], axis: 2).converted(to: .float32)
    }
    expect("iota.1: extents must not be negative, got [-1]") { _ in Tensor.iota([-1], axis: 0).converted(to: .float32) }
    expect("oneHot.1: needs i32 numbers and a count of at least 0, got f32[2] and 3") { oneHot($0("x", [2]), count: 3) }
    expect("oneHot.1: needs i32 numbers and a count of at least 0, got i32[2] and -1", line: #line + 1) {
      oneHot($0("x", [2], .int32), count: -1)
    }
    expect("tril.axis: axis -2 is not there; the axes of f32[2] are -1...0") { $0("x", [2]).tril() }
    expect("triu.axis: axis -2 is not there; the axes of f32[2] are -1...0") { $0("x", [2]).triu(diagonal: 1) }
    expect("scatter_add.2: rows do not fit the table, got f32[2, 3], i32[4] and f32[4, 2]", line: #line + 1) {
      scatterAdd($0("t", [2, 3]), $0("n", [4], .int32), $0("r", [4, 2]))
    }
  }

  /// Functions do not trap outside of a trace either, and end.
  @Test func tensorsOfNoTrace() {
    let x = Tensor.constant(1, [3, 1])
    #expect(x.product(axis: 0, keepsAxis: true).rank == 2)
    #expect(x[5, 0...].rank == 1)
    #expect(stack([x, x], axis: 7).rank == 2)
    #expect(matmul(x, x).rank == 2)
    #expect(Tensor.iota([2], axis: 3).shape == [2])
    #expect((x .> 0).all().rank == 2)
  }
}
