import Recurve

/// One causal block applied several times to its own output and the embedded text, learned positions, dropout by a mask that
/// the host draws, a tied readout.
struct LoopedTransformer: Model {
  let sizes: UnseenSizes
  let gradient: GradientMode
  let embedding: Embedding
  let positions: Weight
  let attention: MaskedAttention
  let up: Linear
  let down: Linear
  let gain1: Weight
  let gain2: Weight

  init(_ sizes: UnseenSizes, gradient: GradientMode) {
    (self.sizes, self.gradient) = (sizes, gradient)
    let width = sizes.width
    embedding = Embedding(count: sizes.vocabulary, width: width)
    positions = Weight([sizes.length, width], .normal(standardDeviation: 0.02))
    attention = MaskedAttention(width: width, heads: sizes.heads, length: sizes.length)
    up = Linear(width, 4 * width, hasBias: true)
    down = Linear(4 * width, width, hasBias: true)
    gain1 = Weight([width], .constant(1))
    gain2 = Weight([width], .constant(1))
  }

  private func block(_ h: Tensor) -> Tensor {
    scope("block") {
      let a = h + attention(layerNorm(h) * gain1.tensor)
      return a + down(gelu(up(layerNorm(a) * gain2.tensor)))
    }
  }

  func step(_ inputs: Inputs) -> Step {
    let tokens = inputs("tokens", ["B": sizes.batch, "L": sizes.length], .int32)
    let targets = inputs("targets", ["B": sizes.batch, "L": sizes.length], .int32)
    let keep = inputs("dropout_mask", ["B": sizes.batch, "L": sizes.length, "D": sizes.width])
    let x = (embedding(tokens) + positions.tensor) * keep
    let h = recur(sizes.loops, carrying: x, gradient: gradient) { h in block(h + x) }
    return Step(loss: crossEntropy(linear(layerNorm(h), embedding.table.tensor), targets).mean())
  }
}

/// Causal attention by a mask that is added to the scores.
struct MaskedAttention: Sendable {
  let queryKeyValue: Linear
  let output: Linear
  let heads: Int
  /// 0 where a position may look, -1e9 elsewhere.
  let mask: Weight

  init(width: Int, heads: Int, length: Int) {
    queryKeyValue = Linear(width, 3 * width)
    output = Linear(width, width)
    self.heads = heads
    let rows = (0..<length).flatMap { i in (0..<length).map { j in j <= i ? 0 : Float(-1e9) } }
    mask = .constant([length, length], .values(rows))
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    scope("attention") {
      let (b, l, d) = (x.extent(0), x.extent(1), x.extent(2))
      let parts = queryKeyValue(x).reshaped(to: ["B": b, "L": l, "3": 3, "H": heads, "d": d / heads])
      let q = parts.at(0, axis: 2).transposed(0, 2, 1, 3)
      let k = parts.at(1, axis: 2).transposed(0, 2, 3, 1)
      let v = parts.at(2, axis: 2).transposed(0, 2, 1, 3)
      let scores = matmul(q, k) * (1 / Double(d / heads).squareRoot()) + mask.tensor
      let mixed = matmul(softmax(scores), v)
      return output(mixed.transposed(0, 2, 1, 3).reshaped(to: ["B": b, "L": l, "D": d]))
    }
  }
}
