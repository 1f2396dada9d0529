import Recurve
import Testing

/// What a model's author can get wrong is told, never trapped, in the words that were written.
@Suite struct MisuseTests {
  private func message(_ build: @escaping @Sendable (Inputs) -> Tensor) -> String { DraftedModel.message(build) }

  @Test func axesAreNamedAsWritten() {
    #expect(
      message { $0("x", [2, 3]).sum(axis: -3) }.hasSuffix(
        "sum.axis: axis -3 is not there; the axes of f32[2, 3] are -2...1"))
    #expect(message { $0("x", [2, 3]).mean(axis: 2) }.contains("mean.axis: axis 2 is not there"))
    #expect(message { $0("x", [2, 3]).max(axis: 7, keepsAxis: true) }.contains("max.axis: axis 7"))
    #expect(message { $0("x", [2, 3]).argmax(axis: Int.min) }.contains("argmax.axis"))
    #expect(
      message { $0("x", []).slice(0..<1, axis: 0) }.contains(
        "slice.axis: axis 0 is not there; the axes of f32[] are none"))
    #expect(message { $0("x", [2, 3]).transposed(0, 5) }.contains("transposed.axis: axis 5"))
    #expect(message { $0("x", [2, 3]).split(into: 2, axis: 4)[1] }.contains("split.axis: axis 4"))
    #expect(message { concatenate([$0("x", [2])], axis: 1) }.contains("concatenate.axis: axis 1"))
    #expect(
      message { $0("x", [2, 3]).at(3, axis: 1) }.contains("at.1: position 3 must lie in 0..<3, axis 1 of f32[2, 3]"))
    #expect(message { $0("x", [2, 3]).at(Int.max, axis: 1) }.contains("at.1: position 9223372036854775807"))
  }

  @Test func productsSayWhatMustAgree() {
    #expect(
      message { matmul($0("a", [2, 3, 4, 5]), $0("b", [4, 5, 6])) }
        .contains("matmul.1: leading axes are batch axes and must agree, got f32[2, 3, 4, 5] and f32[4, 5, 6]"))
    #expect(message { matmul($0("a", [4, 5]), $0("b", [6, 5])) }.contains("matmul.1: inner axes must agree"))
    #expect(message { matmul($0("a", [4]), $0("b", [4])) }.contains("matmul.1: needs two axes at least"))
    #expect(message { linear($0("a", []), $0("b", [3])) }.contains("linear.axis"))
    let axes = DotAxes(leftBatch: [0], rightBatch: [], leftInner: [1], rightInner: [0, 1])
    #expect(message { dot($0("a", [2, 3]), $0("b", [2, 3]), axes) }.contains("dot.3: needs as many axes on the left"))
  }

  /// More axes than the operator takes are merged; the result is that of the plain product.
  @Test func productsOfManyAxes() throws {
    let shape: Shape = [2, 3, 2, 1, 2, 3, 2]
    let numbers = HostTensor(shape, (0..<shape.elementCount).map { Float($0 % 7) - 3 })
    let many = try DraftedModel.value(["a": numbers]) { inputs in
      let a = inputs("a", shape).transposed(5, 4, 3, 2, 1, 0, 6)
      return dot(a, a, DotAxes(leftInner: [0, 1, 2, 3, 4, 5], rightInner: [0, 1, 2, 3, 4, 5]))
    }
    let plain = try DraftedModel.value(["a": numbers]) { inputs in
      let a = inputs("a", shape).transposed(5, 4, 3, 2, 1, 0, 6).reshaped(to: [-1, 2])
      return matmul(a.transposed(1, 0), a)
    }
    #expect(many == plain)
  }

  @Test func layersRememberWhatIsWrongWithThem() {
    let file = "ModelingTests/MisuseTests.swift"
    for heads in [0, 3, -1] {
      let line = #line + 1
      let attention = SelfAttention(width: 4, heads: heads)
      #expect(
        message { attention($0("x", [1, 2, 4])) + attention($0("y", [1, 2, 4])) }
          == "\(file):\(line): self-attention of width 4 cannot be divided among \(heads) heads")
    }
    let line = #line + 1
    let odd = RotaryEmbedding(length: 3, size: 1)
    #expect(
      message { odd($0("x", [1, 3, 2, 1])) }
        == "\(file):\(line): a rotary embedding needs a length of at least 0 and an "
        + "even size, got length 3 and size 1")
    let uneven = RotaryEmbedding(coordinates: [[0, 1], [2, 3]], size: 6)
    #expect(
      message { uneven($0("x", [1, 2, 2, 6])) }.hasSuffix(
        "of at least 0 and a size divisible by 4, got coordinates of [2] numbers and size 6"))
    let ragged = RotaryEmbedding(coordinates: [[0, 1], [2]], size: 4)
    #expect(message { ragged($0("x", [1, 2, 2, 4])) }.hasSuffix("got coordinates of [1, 2] numbers and size 4"))
    let rotary = RotaryEmbedding(length: 3, size: 2)
    #expect(message { rotary($0("x", [1, 4, 2, 2])) }.contains("rotary.1: needs [B, 3, H, 2], got f32[1, 4, 2, 2]"))
    #expect(
      message { SelfAttention(width: 4, heads: 2)($0("x", [2, 4])) }.contains(
        "attention.1: needs [B, L, 4], got f32[2, 4]"))
    #expect(SwiGLU.inner(width: 8, expansion: .nan) == -1)
  }

  @Test func recursionsSayWhatTheyNeed() {
    #expect(
      message { recur(3, carrying: $0("x", [2]), gradient: .last(99)) { $0 } }
        .contains("recur.2: last(99) reaches back further than the 3 iterations; use full"))
    #expect(message { recur(3, carrying: $0("x", [2]), gradient: .last(3)) { $0 } } == "")
    #expect(
      message { recur(2, carrying: [$0("x", [2]), $0("y", [2])]) { [$0[0]] }[1] }
        .contains("recur.4: the step needs to return 2 states, it returns 1"))
    #expect(
      message { inputs in scan(2, [], carrying: []) { _, _ in ([], [inputs("x", [2])]) }.outputs[0] }
        .contains("recur.4: needs a state or a sequence, got neither"))
    #expect(
      message { recur(2, carrying: $0("x", [2]), gradient: .checkpointed(every: 0)) { $0 } }
        .contains("recur.2: checkpointed(every:) needs at least 1 iteration, got 0"))
  }

  @Test func numbersFitTheirType() {
    let whole: @Sendable (Inputs) -> Tensor = { $0("i", [2], .int32) }
    #expect(message { whole($0) * 0.5 }.contains("constant.3: 0.5 is no i32; convert the tensor first"))
    #expect(message { (whole($0) .== 1.5).converted(to: .float32) }.contains("constant.3: 1.5 is no i32"))
    #expect(message { (whole($0) .== 3e9).converted(to: .float32) }.contains("constant.3: 3000000000.0 is no i32"))
    #expect(message { (whole($0) * 2).converted(to: .float32) } == "")
    #expect(
      message { ($0("b", [2], .bool) .== 2).converted(to: .float32) }.contains(
        "constant.3: 2.0 is no bool, which is 0 or 1"))
    #expect(message { $0("x", [2]) * 1e300 }.contains("constant.3: 1e+300 is too large for f32"))
    #expect(message { $0("x", [2]) * .infinity } == "")
  }

  @Test func shapesAreWhole() throws {
    #expect(
      message { $0("x", [5]).split(into: 2, axis: 0)[0] }.contains(
        "split.1: axis 0 of f32[5] cannot be split into 2 equal parts"))
    #expect(message { $0("x", [5]).split(into: 0, axis: 0)[0] }.contains("split.1"))
    #expect(message { $0("x", [5]).reshaped(to: [2, -1]) }.contains("reshape.3: one extent may be -1"))
    #expect(message { $0("x", [4]).reshaped(to: [-1, -1]) }.contains("reshape.3"))
    #expect(message { $0("x", [-4]) }.contains("input.1: 'x': extents must not be negative, got -4 in f32[-4]"))
    #expect(
      message { $0("x", [1 << 40, 1 << 40]) }.contains(
        "input.1: 'x': f32[1099511627776, 1099511627776] has more than 2^47"))
    #expect(message { $0("x", [-4, 2]).at(0, axis: 0) }.contains("got -4 in f32[-4, 2]"))
    #expect(message { $0("x", [-4]).split(into: 2, axis: 0)[0] }.contains("got -4 in f32[-4]"))
    #expect(message { $0("x", [4]).reshaped(to: [-2, 4]).split(into: 2, axis: 0)[0] }.contains("reshape"))
    #expect(message { $0("x", []).repeated(to: [1 << 40, 1 << 40]) }.contains("broadcast.size: f32["))
    #expect(message { $0("x", []) + .constant(1, [-2]) }.contains("extents must not be negative"))
    #expect(message { inputs in concatenate([], axis: 0) }.contains("concatenate.0: needs at least one tensor"))
    let numbers = HostTensor([8], (0..<8).map { Float($0) })
    #expect(
      try DraftedModel.value(["x": numbers]) { $0("x", [8]).reshaped(to: [4, -1]).slice(0..<1, axis: 1) }
        == HostTensor(.scalar, [Float(12)]))
    #expect(Shape([2, 3], names: ["a"]).names == ["a", nil])
  }

  /// Zero is an extent like others.
  @Test func emptyTensors() throws {
    #expect(try DraftedModel.value { ($0("x", [0, 3]) * $0("y", [3])) } == HostTensor(.scalar, [Float(0)]))
    #expect(try DraftedModel.value { $0("x", [0, 3]).reshaped(to: [3, 0]) } == HostTensor(.scalar, [Float(0)]))
    let nothing = try DraftedModel.value {
      let x = $0("x", [4])
      return concatenate([x.slice(1..<1, axis: 0), x.slice(2..<2, axis: 0)], axis: 0)
    }
    #expect(nothing == HostTensor(.scalar, [Float(0)]))
  }

  @Test func tensorsOfTheHostNeedTheirElements() throws {
    let traced = try DraftedModel { $0("x", [2, 3]) }.traced(name: "host")
    var reference = CompilerOptions(workerCount: 1)
    reference.toolchain = nil
    for options in [reference, CompilerOptions(workerCount: 1)] {
      let program = try Compiler.compile(traced.graph, options)
      #expect(throws: ExecutionError.wrongType(parameter: "x", found: "f32[2, 3] with 5 elements", needed: "f32[2, 3]"))
      {
        try program.set("x", HostTensor([2, 3], [Float(1), 2, 3, 4, 5]))
      }
    }
    #expect(HostTensor([2], [Float(1), 2]).largestError(against: HostTensor([3], [Float(1), 2, 3])) == .infinity)
  }
}
