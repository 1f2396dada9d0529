import Recurve

/// W3: a small causal transformer (Radford et al. 2019, with root-mean-square norms and without biases).
///
/// B batch, L positions, D width, V vocabulary, H heads, d width of a head.
struct GPT: Model {
  let sizes: GPTSizes
  let tokens: Weight
  let positions: Weight
  let layers: [GPTLayer]
  let gain: Weight
  let head: Linear

  init(_ sizes: GPTSizes) {
    self.sizes = sizes
    tokens = Weight([sizes.vocabulary, sizes.width], .zeros)
    positions = Weight([sizes.length, sizes.width], .zeros)
    let mask = Weight.constant([sizes.length, sizes.length], .values(Self.causalMask(sizes.length)))
    layers = (0..<sizes.layers).map { _ in GPTLayer(sizes, mask: mask) }
    gain = Weight([sizes.width], .constant(1))
    head = Linear(sizes.width, sizes.vocabulary, .zeros)
  }

  func step(_ inputs: Inputs) -> Step {
    let shape: Shape = ["B": sizes.batch, "L": sizes.length]
    let (x, y) = (inputs("in.x", shape, .int32), inputs("in.y", shape, .int32))
    let embedded = gather(tokens.tensor, x) + positions.tensor
    let h = layers.enumerated().reduce(embedded) { h, layer in
      scope("layer\(layer.offset)") { layer.element(h) }
    }
    return Step(loss: crossEntropy(head(rmsNorm(h) * gain.tensor), y).mean())
  }

  /// `[L, L]`: 0 where a position may look, far below every score elsewhere.
  static func causalMask(_ length: Int) -> [Float] {
    (0..<length).flatMap { row in (0..<length).map { $0 <= row ? 0 : -1e9 } }
  }
}

/// A pre-norm layer: `h + attention(norm h)`, then `h + W_down gelu(W_up norm h)`.
struct GPTLayer: Sendable {
  let attentionGain: Weight
  let queryKeyValue: Linear
  let output: Linear
  let feedForwardGain: Weight
  let up: Linear
  let down: Linear
  let mask: Weight
  let heads: Int

  init(_ sizes: GPTSizes, mask: Weight) {
    let width = sizes.width
    attentionGain = Weight([width], .constant(1))
    queryKeyValue = Linear(width, 3 * width)
    output = Linear(width, width)
    feedForwardGain = Weight([width], .constant(1))
    up = Linear(width, 4 * width)
    down = Linear(4 * width, width)
    self.mask = mask
    heads = sizes.heads
  }

  func callAsFunction(_ h: Tensor) -> Tensor {
    let mixed = h + attention(rmsNorm(h) * attentionGain.tensor)
    return mixed + down(gelu(up(rmsNorm(mixed) * feedForwardGain.tensor)))
  }

  private func attention(_ x: Tensor) -> Tensor {
    let (batch, length, width) = (x.extent(0), x.extent(1), x.extent(2))
    let size = width / heads
    let projected = queryKeyValue(x).reshaped(to: [batch, length, 3, heads, size])
    let (query, key, value) = (projected.at(0, axis: 2), projected.at(1, axis: 2), projected.at(2, axis: 2))
    // [B, H, L, L]
    let scores = dot(query, key, DotAxes(leftBatch: [0, 2], rightBatch: [0, 2], leftInner: [3], rightInner: [3]))
    let weights = softmax(scores * (1 / Double(size).squareRoot()) + mask.tensor)
    // [B, H, L, d]
    let mixed = dot(weights, value, DotAxes(leftBatch: [0, 1], rightBatch: [0, 2], leftInner: [3], rightInner: [1]))
    let projection = output.weight.tensor.reshaped(to: [width, heads, size])
    return dot(mixed, projection, DotAxes(leftInner: [1, 3], rightInner: [1, 2]))
  }
}

/// Extents of W3.
struct GPTSizes: Sendable {
  var layers = 6
  var width = 256
  var heads = 8
  var length = 64
  var batch = 64
  let vocabulary = 16
}
