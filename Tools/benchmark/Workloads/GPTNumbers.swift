import Recurve

/// The weights and inputs of W3, made by the workload's own rule.
struct GPTNumbers {
  let sizes: GPTSizes
  private let stream = NumberStream(prefix: "w3.")

  init(_ sizes: GPTSizes) { self.sizes = sizes }

  /// The tensors of the workload's file that the model's weights take, by the weights' names.
  func fileNames() -> [(weight: String, file: String)] {
    let names = [
      ("attentionGain", "n1"), ("queryKeyValue.weight", "qkv"), ("output.weight", "o"), ("feedForwardGain", "n2"),
      ("up.weight", "up"), ("down.weight", "down"),
    ]
    let layers = (0..<sizes.layers).flatMap { layer in
      names.map { (weight: "layers.\(layer).\($0.0)", file: "h\(layer).\($0.1)") }
    }
    return [("tokens", "tok"), ("positions", "pos"), ("gain", "nf"), ("head.weight", "head")] + layers
  }

  func generated() -> [String: HostTensor] {
    let (d, v) = (sizes.width, sizes.vocabulary)
    let bound = 0.02 * 3.0.squareRoot()
    let ones = HostTensor(TensorType(.float32, [d]), repeating: 1)
    var tensors: [String: HostTensor] = [
      "tok": stream.uniform("tok", [v, d], bound), "pos": stream.uniform("pos", [sizes.length, d], bound),
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
    let perRow = (sizes.length + 1 + 12) / 13
    let numbers = stream.map("data", sizes.batch * perRow * 2) { Int($0 % 1000) }
    var (inputs, labels): ([Int32], [Int32]) = ([], [])
    for row in 0..<sizes.batch {
      let tokens = (row * perRow..<(row + 1) * perRow).flatMap { Self.sum(numbers[2 * $0], numbers[2 * $0 + 1]) }
      inputs += tokens[0..<sizes.length]
      labels += tokens[1...sizes.length]
    }
    let shape = Shape([sizes.batch, sizes.length])
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
