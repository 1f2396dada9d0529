import Foundation
import Interchange
import Recurve

/// The weights and inputs of W1: from a file, or made by the workload's own rule.
///
/// Element i of a tensor is a function of its generator name and i: SplitMix64 of the FNV-1a hash of the name.
struct PeerNumbers {
  let sizes: PeerSizes
  let variant: PeerVariant

  /// Reads `w1_<size>_<variant>.safetensors` in a folder.
  func read(folder: String) throws -> [String: HostTensor] {
    let path = "\(folder)/w1_\(sizes.name)_\(variant.rawValue).safetensors"
    guard FileManager.default.fileExists(atPath: path) else { throw BenchmarkError.missingData(path) }
    return try SafetensorsFile(path: path).tensors
  }

  func generated() -> [String: HostTensor] {
    let (d, l, v) = (sizes.width, sizes.length, sizes.vocabulary)
    let inner = SwiGLU.inner(width: d)
    var tensors: [String: HostTensor] = [
      "embed": uniform("embed", [v, d], (3 / Double(d)).squareRoot()), "lm_head": linear("lm_head", v, d),
      "q_head.w": linear("q_head.w", 2, d), "q_head.b": HostTensor(Shape([2]), [Float](repeating: 0, count: 2)),
      "in.zH": uniform("zH", [d], 3.0.squareRoot()), "in.zL": uniform("zL", [d], 3.0.squareRoot()),
      "in.x": tokens("x"), "in.y": tokens("y"),
    ]
    for block in ["blk0.", "blk1."] {
      tensors[block + "gate_up"] = linear(block + "gate_up", 2 * inner, d)
      tensors[block + "down"] = linear(block + "down", d, inner)
      switch variant {
      case .attn:
        tensors[block + "qkv"] = linear(block + "qkv", 3 * d, d)
        tensors[block + "o"] = linear(block + "o", d, d)
      case .mlp:
        let mixerInner = SwiGLU.inner(width: l)
        tensors[block + "gate_up_t"] = linear(block + "gate_up_t", 2 * mixerInner, l)
        tensors[block + "down_t"] = linear(block + "down_t", l, mixerInner)
      }
    }
    if variant == .attn { addPositions(&tensors) }
    return tensors
  }

  private func addPositions(_ tensors: inout [String: HostTensor]) {
    let positions = RotaryEmbedding(length: sizes.length, size: sizes.width / sizes.heads)
    tensors["in.cos"] = positions.cosines.initializer.tensor(positions.cosines.shape, seed: 0)
    tensors["in.sin"] = positions.sines.initializer.tensor(positions.sines.shape, seed: 0)
  }

  private func stream(_ name: String, _ count: Int) -> [UInt64] {
    let full = "w1.\(sizes.name).\(variant.rawValue).\(name)"
    let seed = full.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    var random = CounterRandom(seed: seed)
    return (0..<count).map { _ in random.next() }
  }

  private func uniform(_ name: String, _ shape: Shape, _ bound: Double) -> HostTensor {
    HostTensor(
      shape, stream(name, shape.elementCount).map { Float((2 * (Double($0 >> 40) * 0x1p-24) - 1) * bound) })
  }

  private func linear(_ name: String, _ outputs: Int, _ inputs: Int) -> HostTensor {
    uniform(name, [outputs, inputs], (3 / Double(inputs)).squareRoot())
  }

  private func tokens(_ name: String) -> HostTensor {
    let shape = Shape([sizes.batch, sizes.length])
    return HostTensor(shape, stream(name, shape.elementCount).map { Int32($0 % UInt64(sizes.vocabulary)) })
  }
}

/// What can be wrong with a benchmark's arguments.
enum BenchmarkError: Error, CustomStringConvertible {
  case missingData(String)
  case missingTensor(String)

  var description: String {
    switch self {
    case .missingData(let path):
      "found no file \(path); write it with the workload's gen.py, or leave out --data to generate the same numbers"
    case .missingTensor(let name): "the data file has no tensor '\(name)'"
    }
  }
}
