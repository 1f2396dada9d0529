import Recurve

/// The weights and inputs of W1, made by the workload's own rule.
struct PeerNumbers {
  let sizes: PeerSizes
  let variant: PeerVariant

  /// Name of the data file.
  var fileName: String { "w1_\(sizes.name)_\(variant.rawValue)" }

  func generated() -> [String: HostTensor] {
    let (d, v, stream) = (sizes.width, sizes.vocabulary, self.stream)
    let shape = Shape([sizes.batch, sizes.length])
    var tensors: [String: HostTensor] = [
      "embed": stream.uniform("embed", [v, d], (3 / Double(d)).squareRoot()),
      "lm_head": stream.linear("lm_head", v, d), "q_head.w": stream.linear("q_head.w", 2, d),
      "q_head.b": HostTensor(TensorType(.float32, [2]), repeating: 0),
      "in.zH": stream.uniform("zH", [d], 3.0.squareRoot()), "in.zL": stream.uniform("zL", [d], 3.0.squareRoot()),
      "in.x": stream.tokens("x", shape, v), "in.y": stream.tokens("y", shape, v),
    ]
    for block in ["blk0.", "blk1."] { addBlock(block, &tensors) }
    if variant == .attn { addPositions(&tensors) }
    return tensors
  }

  private var stream: NumberStream { NumberStream(prefix: "w1.\(sizes.name).\(variant.rawValue).") }

  private func addBlock(_ block: String, _ tensors: inout [String: HostTensor]) {
    func add(_ name: String, _ outputs: Int, _ inputs: Int) {
      tensors[block + name] = stream.linear(block + name, outputs, inputs)
    }
    let (d, l, inner) = (sizes.width, sizes.length, SwiGLU.inner(width: sizes.width))
    add("gate_up", 2 * inner, d)
    add("down", d, inner)
    switch variant {
    case .attn:
      add("qkv", 3 * d, d)
      add("o", d, d)
    case .mlp:
      let mixerInner = SwiGLU.inner(width: l)
      add("gate_up_t", 2 * mixerInner, l)
      add("down_t", l, mixerInner)
    }
  }

  private func addPositions(_ tensors: inout [String: HostTensor]) {
    let positions = RotaryEmbedding(length: sizes.length, size: sizes.width / sizes.heads)
    tensors["in.cos"] = positions.cosines.initializer.tensor(positions.cosines.shape, seed: 0)
    tensors["in.sin"] = positions.sines.initializer.tensor(positions.sines.shape, seed: 0)
  }
}
