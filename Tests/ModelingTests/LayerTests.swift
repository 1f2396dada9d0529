import Foundation
import Recurve
import ReferenceEvaluation
import TestSupport
import Testing

/// Layers against vectors that NumPy computed in double precision (`reference/layers.py`), and their gradients against central
/// differences.
@Suite struct LayerTests {
  /// A layer on numbers of a known pattern.
  private struct Layered: Model {
    let x: Weight
    let layer: any Sendable
    let function: @Sendable (Tensor) -> Tensor

    init(_ shape: Shape = [2, 5, 8], _ layer: any Sendable = 0, _ function: @escaping @Sendable (Tensor) -> Tensor) {
      x = LayerTests.weight(shape, 5)
      (self.layer, self.function) = (layer, function)
    }

    /// The loss weighs the elements so that each matters.
    func step(_ inputs: Inputs) -> Step {
      let y = function(x.tensor)
      let flat = y.reshaped(to: [y.type.elementCount])
      let factors = Tensor.iota(flat.shape, axis: 0).converted(to: .float32) * 0.03 + 1
      return Step(loss: (flat * factors).sum(), metrics: [("y", y)])
    }
  }

  fileprivate static func weight(_ shape: Shape, _ step: Int, isTrained: Bool = true) -> Weight {
    Weight(shape, .values((0..<shape.elementCount).map { Float(($0 * step) % 13 - 6) / 8 }), isTrained: isTrained)
  }

  /// Without a gradient: that of products is tested elsewhere, and differences cost two evaluations for each number.
  private static func matrix(_ rows: Int, _ step: Int) -> Weight { weight([rows, 8], step, isTrained: false) }

  private static func attention(
    heads: Int, keyHeads: Int, _ reach: SelfAttention.Reach, hasBias: Bool = false
  ) -> SelfAttention {
    let rows = 8 / heads * (heads + 2 * keyHeads)
    return SelfAttention(
      queryKeyValue: Linear(weight: matrix(rows, 3), bias: hasBias ? weight([rows], 5) : nil),
      output: Linear(weight: matrix(8, 7), bias: hasBias ? weight([8], 4) : nil), heads: heads, keyHeads: keyHeads,
      reach: reach)
  }

  private static func attending(
    _ layer: SelfAttention, rotates: Bool = false, isPadded: Bool = false
  ) -> Layered {
    Layered([2, 5, 8], layer) { x in
      let counts = Tensor.values([5, 3] as [Int32], [2, 1, 1, 1]).repeated(to: [2, 1, 1, 5])
      let mask = isPadded ? Tensor.iota([2, 1, 1, 5], axis: 3) .< counts : nil
      return layer(x, rotating: rotates ? RotaryPositions(size: 8 / layer.heads) : nil, seeing: mask)
    }
  }

  private static let cases: [(name: String, model: Layered)] = {
    let layerNorm = LayerNorm(gain: weight([8], 3), bias: weight([8], 5))
    let rmsNorm = RMSNorm(gain: weight([8], 3))
    return [
      ("layer_norm", Layered([2, 5, 8], layerNorm) { layerNorm($0) }),
      ("rms_norm", Layered([2, 5, 8], rmsNorm) { rmsNorm($0) }),
      ("attention", attending(attention(heads: 2, keyHeads: 2, .all, hasBias: true))),
      ("causal_attention", attending(attention(heads: 2, keyHeads: 2, .causal))),
      ("rotary_attention", attending(attention(heads: 2, keyHeads: 2, .causal), rotates: true)),
      ("grouped_attention", attending(attention(heads: 4, keyHeads: 2, .causal, hasBias: true), rotates: true)),
      ("windowed_attention", attending(attention(heads: 4, keyHeads: 1, .window(2)))),
      ("padded_attention", attending(attention(heads: 2, keyHeads: 2, .causal), isPadded: true)),
      ("sinusoidal", Layered([5, 8]) { $0 * 0 + sinusoidalPositions(length: 5, width: 8) }),
      ("exact_gelu", Layered { gelu($0, isExact: true) }),
      (
        "mean_cross_entropy",
        Layered([5, 8]) { meanCrossEntropy($0, .values([3, -1, 0, 7, -1] as [Int32], [5]), ignoring: -1) }
      ),
    ]
  }()

  private static let expected: [String: [Double]] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "reference/layers.json")
    let decoded = (try? Data(contentsOf: path)).flatMap { try? JSONDecoder().decode([String: [Double]].self, from: $0) }
    return decoded ?? [:]
  }()

  @Test func everyVectorIsTested() {
    #expect(Self.expected.keys.sorted() == Self.cases.map(\.name).sorted())
  }

  @Test(arguments: cases.indices) func layersEqualTheReference(_ index: Int) throws {
    let (name, model) = Self.cases[index]
    let traced = try model.traced(name: name)
    let known = Dictionary(uniqueKeysWithValues: traced.initialWeights(seed: 1)).merging(traced.values) { own, _ in own
    }
    let parameters = traced.graph.parameters.compactMap { known[traced.graph[$0].name ?? ""] }
    let program = try Compiler.compile(traced.graph, CompilerOptions(workerCount: 1))
    for (value, tensor) in zip(traced.graph.parameters, parameters) {
      try program.set(traced.graph[value].name ?? "", tensor)
    }
    program.run()
    let (found, needed) = (program.result(at: 1).doubles, try #require(Self.expected[name]))
    #expect(found.count == needed.count)
    for (found, needed) in zip(found, needed) { #expect(abs(found - needed) < 1e-5, "\(name)") }
    let oracle = ReferenceEvaluator.evaluate(traced.graph, parameters)[1]
    #expect(program.result(at: 1).isIdentical(to: oracle), "\(name)")
    #expect(try GradientCheck.largestError(traced.graph, parameters) < 1e-6, "\(name)")
  }

  @Test func lossesOfNothingAreZero() throws {
    let nothing = Layered([2, 3]) { meanCrossEntropy($0, .values([-1, -1] as [Int32], [2]), ignoring: -1) }
    let traced = try nothing.traced(name: "nothing")
    let parameters = traced.graph.parameters.compactMap { value in
      let name = traced.graph[value].name ?? ""
      return traced.values.first { $0.key == name }?.value ?? nothing.x.initializer.tensor([2, 3], seed: 0)
    }
    #expect(ReferenceEvaluator.evaluate(traced.graph, parameters)[1].doubles == [0])
  }

  @Test func wrongExtentsAreRefused() {
    func message(_ body: @escaping @Sendable (Tensor) -> Tensor, _ layer: any Sendable = 0) -> String {
      do { _ = try Layered([2, 5, 8], layer, body).traced(name: "wrong") } catch { return "\(error)" }
      return ""
    }
    #expect(
      message { SelfAttention(width: 8, heads: 4, keyHeads: 3)($0, rotating: nil) }.contains(
        "self-attention of 4 heads cannot share 3 heads of keys and values"))
    #expect(
      message { SelfAttention(width: 8, heads: 4, reach: .window(0))($0, rotating: nil) }.contains(
        "self-attention needs a window of at least 1, got window(0)"))
    #expect(message { RotaryPositions(size: 3)($0) }.contains("rotary positions need an even size, got 3"))
    #expect(
      message { RotaryPositions(size: 4)($0) }.contains(
        "rotary.1: needs [B, L, H, 4] with at most 5 positions, got f32[2, 5, 8]"))
    let learned = LearnedPositions(length: 4, width: 8)
    #expect(
      message({ learned($0) }, learned).contains(
        "positions.1: needs [B, L, 8] with at most 4 positions, got f32[2, 5, 8]"))
    #expect(
      message { $0 + sinusoidalPositions(length: 5, width: 7) }.contains(
        "positions.2: needs a length of at least 0 and an even width, got length 5 and width 7"))
    let linear = Linear(8, 8)
    let attention = SelfAttention(queryKeyValue: linear, output: linear, heads: 2)
    #expect(
      message({ attention($0, rotating: nil) }, attention).contains(
        "self-attention of width 8 needs weights [24, 8] and [8, 8], got [8, 8] and [8, 8]"))
  }
}
