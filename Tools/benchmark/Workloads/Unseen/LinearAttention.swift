import Recurve

/// Gated DeltaNet (Yang et al. 2024): S <- a S (I - b k k^T) + b v k^T; o = S q. One scan over the positions.
struct GatedDeltaNet: Sendable {
  let qkv: Linear
  let gates: Linear
  let output: Linear
  let heads: Int

  init(width: Int, heads: Int) {
    qkv = Linear(width, 3 * width)
    gates = Linear(width, 2 * heads, hasBias: true)
    output = Linear(width, width)
    self.heads = heads
  }

  private func unit(_ x: Tensor) -> Tensor { x * rsqrt((x * x).sum(axis: -1, keepsAxis: true) + 1e-6) }

  func callAsFunction(_ x: Tensor, gradient: GradientMode) -> Tensor {
    scope("deltanet") {
      let (b, l, w) = (x.extent(0), x.extent(1), x.extent(2))
      let d = w / heads
      let p = qkv(x).reshaped(to: [b, l, 3, heads, d]).transposed(1, 2, 0, 3, 4)  // [L, 3, B, H, d]
      let q = unit(p.at(0, axis: 1)), k = unit(p.at(1, axis: 1)), v = p.at(2, axis: 1)
      let g = gates(x).transposed(1, 0, 2)
      let decay = sigmoid(g.slice(0..<heads, axis: 2) + 3), beta = sigmoid(g.slice(heads..<(2 * heads), axis: 2))
      let zero = Tensor.constant(0, ["B": b, "H": heads, "v": d, "k": d])
      let result = scan(l, [q, k, v, decay, beta], carrying: [zero], gradient: gradient) { state, parts in
        let (q, k, v) = (parts[0], parts[1], parts[2])  // [B, H, d]
        let a = parts[3].reshaped(to: [b, heads, 1, 1]), beta = parts[4].reshaped(to: [b, heads, 1])
        let s = state[0] * a
        let axes = DotAxes(leftBatch: [0, 1], rightBatch: [0, 1], leftInner: [3], rightInner: [2])
        let change = (v - dot(s, k, axes)) * beta
        let next = s + change.reshaped(to: [b, heads, d, 1]) * k.reshaped(to: [b, heads, 1, d])
        return ([next], [dot(next, q, axes)])
      }
      return output(rmsNorm(result.outputs[0]).transposed(1, 0, 2, 3).reshaped(to: ["B": b, "L": l, "D": w]))
    }
  }
}

/// The selective scan of Mamba (Gu and Dao 2023): diagonal A; step size, B and C from the input.
struct SelectiveScan: Sendable {
  let inner, size: Int
  let project: Linear
  let out: Linear
  let logA: Weight
  let dtBias: Weight
  let skip: Weight

  init(width: Int, inner: Int, size: Int) {
    (self.inner, self.size) = (inner, size)
    project = Linear(width, 3 * inner + 2 * size)
    out = Linear(inner, width)
    logA = Weight([inner, size], .values((0..<inner).flatMap { _ in (1...size).map { Float($0) } }))
    dtBias = Weight([inner], .constant(-3))
    skip = Weight([inner], .constant(1))
  }

  private func softplus(_ x: Tensor) -> Tensor { maximum(x, x * 0) + log(1 + exp(-abs(x))) }

  func callAsFunction(_ x: Tensor, gradient: GradientMode) -> Tensor {
    scope("mamba") {
      let (b, l, w) = (x.extent(0), x.extent(1), x.extent(2))
      let p = project(x).transposed(1, 0, 2)
      let u = silu(p.slice(0..<inner, axis: 2)), z = silu(p.slice(inner..<(2 * inner), axis: 2))
      let dt = softplus(p.slice((2 * inner)..<(3 * inner), axis: 2) + dtBias.tensor)
      let bb = p.slice((3 * inner)..<(3 * inner + size), axis: 2)
      let cc = p.slice((3 * inner + size)..<(3 * inner + 2 * size), axis: 2)
      let a = -logA.tensor
      let zero = Tensor.constant(0, [b, inner, size])
      let r = scan(l, [u, dt, bb, cc], carrying: [zero], gradient: gradient) { state, parts in
        let (u, dt) = (parts[0].reshaped(to: [b, inner, 1]), parts[1].reshaped(to: [b, inner, 1]))
        let next = exp(dt * a) * state[0] + dt * u * parts[2].reshaped(to: [b, 1, size])
        let y = (next * parts[3].reshaped(to: [b, 1, size])).sum(axis: 2) + parts[0] * skip.tensor
        return ([next], [y])
      }
      return out((r.outputs[0] * z).transposed(1, 0, 2)).reshaped(to: [b, l, w])
    }
  }
}

/// minGRU (Feng et al. 2024, arXiv 2410.01201, appendix B): h <- (1 - z) h + z g(x), where neither z nor g sees h.
struct MinimalGRU: Sendable {
  let project: Linear
  let out: Linear

  init(width: Int, inner: Int) {
    project = Linear(width, 2 * inner)
    out = Linear(inner, width)
  }

  func callAsFunction(_ x: Tensor, gradient: GradientMode) -> Tensor {
    scope("mingru") {
      let (b, l) = (x.extent(0), x.extent(1))
      let parts = project(x).transposed(1, 0, 2).split(into: 2, axis: -1)
      let z = sigmoid(parts[0])
      // Positive, so that a parallel form may take logarithms.
      let candidates = select(parts[1] .>= 0, parts[1] + 0.5, sigmoid(parts[1]))
      let zero = Tensor.constant(0, [b, z.extent(2)])
      let r = scan(l, [z, candidates], carrying: [zero], gradient: gradient) { state, parts in
        let next = (1 - parts[0]) * state[0] + parts[0] * parts[1]
        return ([next], [next])
      }
      return out(r.outputs[0].transposed(1, 0, 2))
    }
  }
}

/// Two layers of a scan and a gated feed-forward layer, over characters.
struct ScanLanguageModel: Model {
  let sizes: UnseenSizes
  let gradient: GradientMode
  let embedding: Embedding
  let delta: [GatedDeltaNet]
  let mamba: [SelectiveScan]
  let mingru: [MinimalGRU]
  let feed: [SwiGLU]
  let readout: Linear

  init(_ sizes: UnseenSizes, _ kind: UnseenModel, gradient: GradientMode) {
    (self.sizes, self.gradient) = (sizes, gradient)
    let (width, layers) = (sizes.width, 0..<2)
    embedding = Embedding(count: sizes.vocabulary, width: width)
    delta = kind != .delta ? [] : layers.map { _ in GatedDeltaNet(width: width, heads: sizes.heads) }
    mamba =
      kind != .mamba ? [] : layers.map { _ in SelectiveScan(width: width, inner: 2 * width, size: sizes.stateSize) }
    mingru = kind != .mingru ? [] : layers.map { _ in MinimalGRU(width: width, inner: 2 * width) }
    feed = layers.map { _ in SwiGLU(width: width, inner: 2 * width) }
    readout = Linear(width, sizes.vocabulary)
  }

  private func mixed(_ layer: Int, _ x: Tensor) -> Tensor {
    if !mamba.isEmpty { return mamba[layer](x, gradient: gradient) }
    return mingru.isEmpty ? delta[layer](x, gradient: gradient) : mingru[layer](x, gradient: gradient)
  }

  func step(_ inputs: Inputs) -> Step {
    let tokens = inputs("tokens", ["B": sizes.batch, "L": sizes.length], .int32)
    let targets = inputs("targets", ["B": sizes.batch, "L": sizes.length], .int32)
    var h = embedding(tokens)
    for (i, f) in feed.enumerated() {
      scope("layer\(i)") {
        h = h + mixed(i, rmsNorm(h))
        h = h + f(rmsNorm(h))
      }
    }
    return Step(loss: crossEntropy(readout(rmsNorm(h)), targets).mean())
  }
}
