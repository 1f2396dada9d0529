import DecoderTransformer
import Recurve

/// The weights and inputs of W3, made by the workload's own rule.
struct GPTNumbers {
  let sizes: GPT.Sizes
  let batch: Int
  private let stream = NumberStream(prefix: "w3.")

  init(_ sizes: GPT.Sizes, batch: Int) { (self.sizes, self.batch) = (sizes, batch) }

  /// The tensors of the workload's file that the model's weights take, by the weights' names.
  func fileNames() -> [(weight: String, file: String)] {
    let names = [
      ("attentionNorm.gain", "n1"), ("attention.queryKeyValue.weight", "qkv"), ("attention.output.weight", "o"),
      ("feedForwardNorm.gain", "n2"), ("up.weight", "up"), ("down.weight", "down"),
    ]
    let layers = (0..<sizes.layers).flatMap { layer in
      names.map { (weight: "gpt.blocks.\(layer).\($0.0)", file: "h\(layer).\($0.1)") }
    }
    let others = [
      ("tokens.table", "tok"), ("positions.table", "pos"), ("norm.gain", "nf"), ("head.weight", "head"),
    ]
    return others.map { (weight: "gpt." + $0.0, file: $0.1) } + layers
  }

  func generated() -> [String: HostTensor] {
    let (d, v) = (sizes.width, sizes.vocabulary)
    let bound = 0.02 * 3.0.squareRoot()
    let ones = HostTensor(TensorType(.float32, [d]), repeating: 1)
    var tensors: [String: HostTensor] = [
      "tok": stream.uniform("tok", [v, d], bound), "pos": stream.uniform("pos", [sizes.context, d], bound),
      "nf": ones, "head": stream.linear("head", v, d),
    ]
    for layer in 0..<sizes.layers {
      let matrices = [("qkv", 3 * d, d), ("o", d, d), ("up", 4 * d, d), ("down", d, 4 * d)]
      for (name, outputs, inputs) in matrices {
        tensors["h\(layer).\(name)"] = stream.linear("h\(layer).\(name)", outputs, inputs)
      }
      for name in ["n1", "n2"] { tensors["h\(layer).\(name)"] = ones }
    }
    (tensors["in.x"], tensors["in.y"]) = sums()
    return tensors
  }

  /// Rows of `ddd+ddd=dddd;` sums, cut to L + 1 tokens: the first L, and those one further.
  private func sums() -> (HostTensor, HostTensor) {
    let perRow = (sizes.context + 1 + 12) / 13
    let numbers = stream.map("data", batch * perRow * 2) { Int($0 % 1000) }
    var (inputs, labels): ([Int32], [Int32]) = ([], [])
    for row in 0..<batch {
      let tokens = (row * perRow..<(row + 1) * perRow).flatMap { Self.sum(numbers[2 * $0], numbers[2 * $0 + 1]) }
      inputs += tokens[0..<sizes.context]
      labels += tokens[1...sizes.context]
    }
    let shape = Shape([batch, sizes.context])
    return (HostTensor(shape, inputs), HostTensor(shape, labels))
  }

  /// Tokens of one sum: digits are themselves, then `+`, `=` and `;`.
  private static func sum(_ a: Int, _ b: Int) -> [Int32] {
    func digits(_ number: Int, _ count: Int) -> [Int32] {
      let text = String(number)
      return Array(repeating: 0, count: count - text.count) + text.compactMap { $0.wholeNumberValue.map(Int32.init) }
    }
    return digits(a, 3) + [10] + digits(b, 3) + [11] + digits(a + b, 4) + [12]
  }
}
