import Foundation
import Interchange
import Recurve
import ReferenceEvaluation
import TestSupport
import Testing

/// Layers and their gradients against vectors that PyTorch computed in double precision (`Tools/twins/layers.py`).
@Suite struct LayerTests {
  /// By `CASE/TENSOR`.
  private static let vectors: [String: HostTensor] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Vectors/layers.safetensors")
    return (try? SafetensorsFile(path: path.path))?.tensors ?? [:]
  }()

  @Test func everyVectorIsTested() {
    let names = Set(Self.vectors.keys.map { $0.prefix { $0 != "/" } }.map(String.init))
    #expect(names == Set(LayerSample.all.map(\.name)))
  }

  /// The numbers of a graph's parameters: weights from the vectors, and its own.
  private static func parameters(of sample: LayerSample, _ traced: TracedModel, _ graph: Graph) throws -> [HostTensor] {
    try graph.parameters.map { value in
      let name = graph[value].name ?? ""
      return try #require(traced.values[name] ?? vectors["\(sample.name)/\(name)"], "\(sample.name)/\(name)")
    }
  }

  @Test(arguments: LayerSample.all.indices) func layersAndGradientsEqualPyTorch(_ index: Int) throws {
    let sample = LayerSample.all[index]
    let traced = try sample.traced(name: sample.name)
    let graph = try traced.graph.withGradients()
    let parameters = try Self.parameters(of: sample, traced, graph)
    let program = try Compiler.compile(graph, CompilerOptions(workerCount: 1))
    for (value, tensor) in zip(graph.parameters, parameters) { try program.set(graph[value].name ?? "", tensor) }
    try program.run()
    let oracle = ReferenceEvaluator.evaluate(graph, parameters)
    var unseen = Self.vectors.keys.filter { $0.hasPrefix("\(sample.name)/gradient.") }
    for (position, name) in program.resultNames.enumerated() where name != "loss" {
      let own = "\(sample.name)/\(name)"
      let (found, needed) = (try program.result(at: position), try #require(Self.vectors[own], "\(own)"))
      #expect(found.shape == needed.shape && found.distance(from: needed) < 1e-5, "\(own)")
      #expect(found.isIdentical(to: oracle[position]), "\(own)")
      unseen.removeAll { $0 == own }
    }
    #expect(unseen == [])
  }

  @Test func lossesOfNothingAreZero() throws {
    for smoothing in [0, 0.1] {
      let nothing = TensorFunction([2, 3], [1, 2, 3, 4, 5, 6]) {
        meanCrossEntropy($0, .values([-1, -1] as [Int32], [2]), ignoring: -1, smoothing: smoothing)
      }
      #expect(try nothing.value().doubles == [0])
      #expect(try nothing.gradient() == [0, 0, 0, 0, 0, 0])
    }
  }

  private struct Wrong: Model {
    let layer: any Sendable
    let function: @Sendable (Tensor) -> Tensor

    func step(_ inputs: Inputs) -> Step { Step(loss: function(inputs("x", [2, 5, 8])).sum()) }
  }

  @Test func wrongExtentsAreRefused() {
    func message(_ body: @escaping @Sendable (Tensor) -> Tensor, _ layer: any Sendable = 0) -> String {
      do { _ = try Wrong(layer: layer, function: body).traced(name: "wrong") } catch { return "\(error)" }
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
    #expect(
      message { RotaryPositions(size: 8)($0.reshaped(to: [2, 5, 1, 8]), from: .constant(3, [], .int32)) }.contains(
        "rotary.2: needs the capacity, how many positions there can be, beside the position of the first element"))
    #expect(
      message { x in
        convolution(x, .constant(0, [0, 2, 3]), [ConvolutionAxis()], groups: .max)
      }.contains("convolution.2: needs \(Int.max) groups that divide 8 channels and 0 outputs"))
    let none = Linear(weight: Weight([0, 0], .zeros), bias: nil)
    #expect(
      message({ SelfAttention(queryKeyValue: none, output: none, heads: .max)($0, rotating: nil) }, none).contains(
        "attention.1: needs [B, L, 0], got f32[2, 5, 8]"))
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
    let memory = CrossAttention(width: 8, memoryWidth: 6, heads: 2)
    #expect(
      message({ memory($0, $0) }, memory).contains(
        "attention.2: needs [B, L, 8] and a memory [B, C, 6], got f32[2, 5, 8] and f32[2, 5, 8]"))
    let given = CrossAttention(query: linear, keyValue: linear, output: linear, heads: 2)
    #expect(
      message({ given($0, $0) }, given).contains(
        "cross-attention of width 8 needs weights [8, 8], [16, M] and [8, 8], got [8, 8], [8, 8] and [8, 8]"))
    let gru = GRU(6, 4)
    #expect(message({ gru($0).outputs }, gru).contains("recurrent.1: needs [B, T, 6], got f32[2, 5, 8]"))
    let mixed = LSTM(cell: LSTMCell(input: Linear(8, 12), recurrent: Linear(4, 12)))
    #expect(
      message({ mixed($0).outputs }, mixed).contains(
        "a recurrent cell of 4 gates needs weights [4 H, I] and [4 H, H], got [12, 8] and [12, 4]"))
    // A column beside a row would be all pairs.
    let pairs = "shapes: needs targets of the shape that was found, or one number, got f32[2, 5, 8] and f32[2, 5]"
    #expect(message { squaredError($0, $0.at(0, axis: 2)) }.contains("squaredError.\(pairs)"))
    #expect(message { binaryCrossEntropy($0, $0.at(0, axis: 2)) }.contains("binaryCrossEntropy.\(pairs)"))
    #expect(message { huberLoss($0, $0.sum()) }.isEmpty && message { squaredError($0, $0) }.isEmpty)
    let (norm, biased) = (RMSNorm(width: 4), Linear(weight: Weight([1, 8], .zeros), bias: Weight([4], .zeros)))
    #expect(message({ norm($0) }, norm).contains("channels.1: needs [4] numbers along the last axis, got f32[2, 5, 8]"))
    #expect(
      message({ biased($0) }, biased).contains("channels.1: needs [4] numbers along the last axis, got f32[2, 5, 1]"))
    #expect(
      message { rmsNorm($0, epsilon: 1e39) }.contains(
        "epsilon must be finite in the type of f32[2, 5, 8] and not negative, got 1e+39"))
    #expect(
      message { huberLoss($0, $0, delta: 0) }.contains("huberLoss.1: needs a delta larger than 0, got 0.0"))
    #expect(
      message { crossEntropy($0, .iota([2, 5], axis: 1), smoothing: 2) }.contains(
        "crossEntropy.1: needs a smoothing from 0 to 1, got 2.0"))
  }

  @Test func wrongConvolutionsAreRefused() {
    func message(_ layer: Convolution1D, following history: Shape? = nil) -> String {
      let model = Wrong(layer: layer) { x in
        history.map { layer(x, following: .constant(0, $0)).output } ?? layer(x)
      }
      do { _ = try model.traced(name: "wrong") } catch { return "\(error)" }
      return ""
    }
    #expect(
      message(Convolution1D(8, 6, size: 3, groups: 4)).contains(
        "a convolution of 8 channels to 6 cannot be divided into 4 groups"))
    #expect(
      message(Convolution1D(6, 6, size: 3, groups: 2)).contains(
        "convolution.2: needs 2 groups that divide 8 channels and 6 outputs, got a kernel f32[6, 3, 3]"))
    #expect(
      message(Convolution1D(8, 6, size: 4, dilation: 2)).contains(
        "convolution.3: needs windows that fit along axis 1, a stride and a dilation of at least 1, got 4 elements 2 apart, "
          + "5 places with 0 and 0 zeros, stride 1"))
    #expect(
      message(Convolution1D(8, 6, size: 3), following: [2, 2, 8]).contains(
        "convolution.4: needs causal padding, a stride of 1 and a history [B, 2, C], got padding none, stride 1 and "
          + "f32[2, 2, 8]"))
    let far = Convolution1D(kernel: Weight([6, 8, 3], .zeros), bias: nil, dilation: .max)
    #expect(message(far).contains("convolution.3: needs windows that fit along axis 1"))
    let flat = Convolution2D(8, 6, rows: 3)
    let model = Wrong(layer: flat) { flat($0) }
    #expect {
      _ = try model.traced(name: "wrong")
    } throws: {
      "\($0)".contains(
        "convolution.1: needs [B, L..., C] and a kernel [O, C / groups, K...] with 2 axes of places, got f32[2, 5, 8] and "
          + "f32[6, 8, 3, 3]")
    }
  }
}

extension HostTensor {
  /// The largest difference, relative to the largest element or 1.
  fileprivate func distance(from other: HostTensor) -> Double {
    let scale = other.doubles.reduce(1) { max($0, abs($1)) }
    return zip(doubles, other.doubles).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
  }
}
