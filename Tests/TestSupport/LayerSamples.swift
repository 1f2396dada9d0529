import Modeling
import TensorTypes

/// A layer or loss on numbers that can be set, as a model: the loss weighs the elements of what comes out, so that each matters.
/// Results are the loss and `y`. `Tools/twins/layers.py` has the same layers by their names.
public struct LayerSample: Model, Sendable {
  public let name: String
  public let x: Weight
  /// Where the names of weights begin.
  private let layer: any Sendable
  private let function: @Sendable (Tensor) -> Tensor

  init(_ name: String, _ shape: Shape, _ layer: any Sendable = 0, _ function: @escaping @Sendable (Tensor) -> Tensor) {
    (self.name, self.layer, self.function) = (name, layer, function)
    x = Weight(shape, .uniform(bound: 1))
  }

  public func step(_ inputs: Inputs) -> Step {
    let y = function(x.tensor)
    let flat = y.reshaped(to: Shape([y.type.elementCount]))
    let factors = Tensor.iota(flat.shape, axis: 0).converted(to: .float32) * 0.03 + 1
    return Step(loss: (flat * factors).sum(), metrics: [("y", y)])
  }

  public static let all: [LayerSample] = simple + attention + convolutions + recurrent + losses + biases

  private static let simple: [LayerSample] = {
    let (linear, swiglu) = (Linear(4, 5, hasBias: true), SwiGLU(width: 4, inner: 6))
    let (embedding, learned) = (Embedding(count: 6, width: 4), LearnedPositions(length: 5, width: 4))
    let (layerNorm, rmsNorm) = (LayerNorm(width: 8), RMSNorm(width: 8))
    return [
      LayerSample("linear", [2, 3, 4], linear) { linear($0) },
      LayerSample("embedding", [2, 3, 4], embedding) {
        $0 + embedding(.values([0, 5, 2, 2, 2, 1] as [Int32], [2, 3]))
      },
      LayerSample("tied_head", [2, 3, 4], embedding) { embedding.scores($0) },
      LayerSample("layer_norm", [2, 5, 8], layerNorm) { layerNorm($0) },
      LayerSample("rms_norm", [2, 5, 8], rmsNorm) { rmsNorm($0) },
      LayerSample("swiglu", [2, 3, 4], swiglu) { swiglu($0) },
      LayerSample("gelu", [2, 3, 4]) { gelu($0 * 2) },
      LayerSample("exact_gelu", [2, 3, 4]) { gelu($0 * 2, isExact: true) },
      LayerSample("learned_positions", [2, 3, 4], learned) { learned($0) },
      LayerSample("sinusoidal_positions", [2, 5, 8]) { $0 + sinusoidalPositions(length: 5, width: 8) },
    ]
  }()

  private struct Remembering: Sendable {
    let attention = CrossAttention(width: 8, memoryWidth: 6, heads: 2, hasBias: true)
    let memory = Weight([2, 3, 6], .uniform(bound: 1))
  }

  private static let attention: [LayerSample] = {
    let cross = Remembering()
    return [
      attending("attention", SelfAttention(width: 8, heads: 2, hasBias: true)),
      attending("causal_attention", SelfAttention(width: 8, heads: 2, reach: .causal)),
      attending("padded_attention", SelfAttention(width: 8, heads: 2, reach: .causal), isPadded: true),
      attending("rotary_attention", SelfAttention(width: 8, heads: 2, reach: .causal), rotates: true),
      attending(
        "grouped_attention", SelfAttention(width: 8, heads: 4, keyHeads: 2, hasBias: true, reach: .causal),
        rotates: true),
      attending("windowed_attention", SelfAttention(width: 8, heads: 4, keyHeads: 1, reach: .window(2))),
      LayerSample("cross_attention", [2, 5, 8], cross) {
        cross.attention($0, cross.memory.tensor, seeing: seen([3, 2], of: 3))
      },
    ]
  }()

  private static func attending(
    _ name: String, _ layer: SelfAttention, rotates: Bool = false, isPadded: Bool = false
  ) -> LayerSample {
    LayerSample(name, [2, 5, 8], layer) { x in
      let positions = rotates ? RotaryPositions(size: 8 / layer.heads) : nil
      return layer(x, rotating: positions, seeing: isPadded ? seen([5, 3], of: 5) : nil)
    }
  }

  /// The first positions of each sequence, `[B, 1, 1, C]`.
  private static func seen(_ counts: [Int32], of length: Int) -> Tensor {
    let shape = Shape([counts.count, 1, 1, length])
    return .iota(shape, axis: 3) .< .values(counts, [counts.count, 1, 1, 1]).repeated(to: shape)
  }

  private static let convolutions: [LayerSample] = [
    convolving(
      "convolution", [2, 9, 4], Convolution1D(4, 6, size: 3, stride: 2, dilation: 2, groups: 2, padding: .both(1))),
    convolving("even_convolution", [2, 6, 3], Convolution1D(3, 5, size: 4, padding: .same)),
    convolving(
      "causal_convolution", [2, 6, 3], Convolution1D(3, 4, size: 3, dilation: 2, padding: .causal, hasBias: false)),
    convolving("depthwise_convolution", [2, 6, 3], Convolution1D(3, 3, size: 4, groups: 3, padding: .causal)),
    convolving(
      "convolution_2d", [2, 7, 6, 4],
      Convolution2D(4, 6, rows: 3, columns: 2, stride: 2, dilation: 2, groups: 2, padding: .both(1))),
    convolving("plain_convolution_2d", [1, 4, 5, 3], Convolution2D(3, 4, rows: 3, padding: .same, hasBias: false)),
    convolving("depthwise_convolution_2d", [2, 5, 4, 3], Convolution2D(3, 3, rows: 3, groups: 3, padding: .both(1))),
  ]

  private static func convolving(_ name: String, _ shape: Shape, _ layer: Convolution1D) -> LayerSample {
    LayerSample(name, shape, layer) { layer($0) }
  }

  private static func convolving(_ name: String, _ shape: Shape, _ layer: Convolution2D) -> LayerSample {
    LayerSample(name, shape, layer) { layer($0) }
  }

  private struct Started: Sendable {
    let gru = GRU(3, 4)
    let first = Weight([2, 4], .uniform(bound: 1))
  }

  private static let recurrent: [LayerSample] = {
    let (started, gru, lstm) = (Started(), GRU(3, 4), LSTM(3, 4))
    return [
      LayerSample("gru", [2, 5, 3], started) { started.gru($0, from: started.first.tensor).outputs },
      LayerSample("reversed_gru", [2, 5, 3], gru) { gru($0, reversed: true).outputs },
      LayerSample("lstm", [2, 5, 3], lstm) {
        let (outputs, state) = lstm($0)
        return concatenate([outputs, state.cell.expanded(at: 1)], axis: 1)
      },
    ]
  }()

  private static let losses: [LayerSample] = {
    let labels: [Int32] = [3, -1, 0, 7, -1]
    let targets = (0..<40).map { Float($0) / 40 }
    return [
      LayerSample("mean_cross_entropy", [5, 8]) { meanCrossEntropy($0, .values(labels, [5]), ignoring: -1) },
      LayerSample("smoothed_cross_entropy", [5, 8]) {
        meanCrossEntropy($0, .values(labels, [5]), ignoring: -1, smoothing: 0.1)
      },
      LayerSample("binary_cross_entropy", [5, 8]) { binaryCrossEntropy($0, .values(targets, [5, 8])) },
      LayerSample("squared_error", [5, 8]) { squaredError($0, .values(targets, [5, 8])).mean() },
      LayerSample("huber_loss", [5, 8]) { huberLoss($0, .values(targets, [5, 8]), delta: 0.5).mean() },
    ]
  }()

  private struct Biased: Sendable {
    let attention = SelfAttention(width: 8, heads: 2, hasBias: true)
    let biases = RelativePositionBias(heads: 2, buckets: 8, farthest: 4)
  }

  private struct BiasedMemory: Sendable {
    let attention = CrossAttention(width: 8, memoryWidth: 6, heads: 2, hasBias: true)
    let memory = Weight([2, 3, 6], .uniform(bound: 1))
    let bias = Weight([2, 5, 3], .uniform(bound: 1))
  }

  private static let biases: [LayerSample] = {
    let (causal, relative, cross) = (SelfAttention(width: 8, heads: 4, reach: .causal), Biased(), BiasedMemory())
    return [
      LayerSample("linear_biases", [2, 5, 8], causal) {
        causal($0, rotating: nil, adding: linearBiases(heads: 4, length: 5))
      },
      LayerSample("relative_position_bias", [2, 5, 8], relative) {
        relative.attention($0, rotating: nil, adding: relative.biases(length: 5))
      },
      LayerSample("biased_cross_attention", [2, 5, 8], cross) {
        cross.attention($0, cross.memory.tensor, adding: cross.bias.tensor)
      },
    ]
  }()
}
