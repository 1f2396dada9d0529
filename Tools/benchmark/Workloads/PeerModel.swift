import Recurve

/// The training step of workload W1: a Tiny Recursive Model without carry, with plain softmax loss.
///
/// Sizes and semantics are those of the neutral workload that all peers run; B batch, L positions, D width.
struct PeerModel: Model {
  let sizes: PeerSizes
  let variant: PeerVariant
  let gradient: GradientMode
  let embedding: Weight
  let blocks: [PeerBlock]
  let head: Weight
  let haltingWeight: Weight
  let haltingBias: Weight
  let answerStart: Weight
  let latentStart: Weight

  init(_ sizes: PeerSizes, _ variant: PeerVariant, gradient: GradientMode) {
    self.sizes = sizes
    self.variant = variant
    self.gradient = gradient
    embedding = Weight([sizes.vocabulary, sizes.width], .zeros)
    blocks = (0..<2).map { _ in PeerBlock(sizes, variant) }
    head = Weight([sizes.vocabulary, sizes.width], .zeros)
    haltingWeight = Weight([2, sizes.width], .zeros)
    haltingBias = Weight([2], .zeros)
    answerStart = .constant([sizes.width], .zeros)
    latentStart = .constant([sizes.width], .zeros)
  }

  func step(_ inputs: Inputs) -> Step {
    let shape: Shape = ["B": sizes.batch, "L": sizes.length]
    let state: Shape = ["B": sizes.batch, "L": sizes.length, "D": sizes.width]
    let tokens = inputs("in.x", shape, .int32)
    let labels = inputs("in.y", shape, .int32)
    let x = gather(embedding.tensor, tokens) * Double(sizes.width).squareRoot()
    let start = (answerStart.tensor.repeated(to: state), latentStart.tensor.repeated(to: state))
    let (y, _) = recur(sizes.depth, carrying: start, gradient: gradient) { y, z in
      let z = recur(sizes.updates, carrying: z) { z in net(z, y + x) }
      return (net(y, z), z)
    }
    let logits = linear(y, head.tensor)  // [B, L, V]
    let score = (linear(y.at(0, axis: 1), haltingWeight.tensor) + haltingBias.tensor).at(0, axis: 1)  // [B]
    let rightCells = (logits.argmax(axis: -1) .== labels).converted(to: .float32).sum(axis: 1)
    let isExact = (rightCells .== Double(sizes.length)).converted(to: .float32).detached()
    let loss = crossEntropy(logits, labels).mean() + binaryCrossEntropy(score, isExact).mean() * 0.5
    return Step(loss: loss)
  }

  private func net(_ h: Tensor, _ injection: Tensor) -> Tensor {
    blocks.enumerated().reduce(h + injection) { h, block in scope("block\(block.offset)") { block.element(h) } }
  }

  /// The tensors of the workload's file that the model's weights take, by the weights' names.
  func fileNames() -> [(weight: String, file: String)] {
    var names = [
      ("embedding", "embed"), ("head", "lm_head"), ("haltingWeight", "q_head.w"), ("haltingBias", "q_head.b"),
      ("answerStart", "in.zH"), ("latentStart", "in.zL"),
    ]
    for block in 0..<2 {
      names += [("feedForward.gateUp.weight", "gate_up"), ("feedForward.down.weight", "down")].map {
        ("blocks.\(block).\($0.0)", "blk\(block).\($0.1)")
      }
      switch variant {
      case .attn:
        names += [("queryKeyValue.weight", "qkv"), ("output.weight", "o")].map {
          ("blocks.\(block).attention.\($0.0)", "blk\(block).\($0.1)")
        }
        names += [("cosines", "in.cos"), ("sines", "in.sin")].map { ("blocks.\(block).positions.\($0.0)", $0.1) }
      case .mlp:
        names += [("gateUp.weight", "gate_up_t"), ("down.weight", "down_t")].map {
          ("blocks.\(block).mixer.\($0.0)", "blk\(block).\($0.1)")
        }
      }
    }
    return names.map { (weight: $0.0, file: $0.1) }
  }
}

/// A post-norm block of W1.
struct PeerBlock: Sendable {
  let attention: SelfAttention?
  let positions: RotaryEmbedding?
  let mixer: SwiGLU?
  let feedForward: SwiGLU

  init(_ sizes: PeerSizes, _ variant: PeerVariant) {
    attention = variant == .attn ? SelfAttention(width: sizes.width, heads: sizes.heads) : nil
    positions = variant == .attn ? RotaryEmbedding(length: sizes.length, size: sizes.width / sizes.heads) : nil
    mixer = variant == .mlp ? SwiGLU(width: sizes.length, inner: SwiGLU.inner(width: sizes.length)) : nil
    feedForward = SwiGLU(width: sizes.width, inner: SwiGLU.inner(width: sizes.width))
  }

  func callAsFunction(_ h: Tensor) -> Tensor {
    let mixed = mix(h)
    return rmsNorm(mixed + feedForward(mixed))
  }

  private func mix(_ h: Tensor) -> Tensor {
    if let attention { return rmsNorm(h + attention(h, positions)) }
    let t = h.transposed(0, 2, 1)
    return rmsNorm(t + (mixer?(t) ?? t)).transposed(0, 2, 1)
  }
}

enum PeerVariant: String, CaseIterable { case attn, mlp }

/// Extents of W1.
struct PeerSizes: Sendable {
  var name: String
  var width: Int
  var length: Int
  var batch: Int
  var depth: Int
  var updates: Int
  var heads: Int
  let vocabulary = 11

  static let all: [PeerSizes] = [
    PeerSizes(name: "tiny", width: 64, length: 16, batch: 32, depth: 3, updates: 2, heads: 1),
    PeerSizes(name: "small", width: 128, length: 81, batch: 16, depth: 3, updates: 6, heads: 2),
    PeerSizes(name: "base", width: 512, length: 81, batch: 8, depth: 3, updates: 6, heads: 8),
  ]
}
