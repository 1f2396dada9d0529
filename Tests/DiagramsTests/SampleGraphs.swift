import GraphIR
import TensorTypes

/// Synthetic graphs in the shapes of real models.
enum SampleGraphs {
  private static let hidden: Shape = ["B": 8, "L": 81, "D": 512]

  /// One recurrent layer: small enough to read as DOT.
  static func small(steps: Int = 3) -> Graph {
    var builder = SampleBuilder("small")
    let x = builder.parameter("x", .input, ["B": 4, "D": 16])
    let weight = builder.parameter("cell.weight", .weight, ["D": 16, "E": 16])
    let start = builder.apply("constant", [], ["B": 4, "D": 16])
    let state = builder.loop(steps, carrying: [("h", start)]) { builder, carries, _ in
      let mixed = builder.apply("dot", [carries[0], weight])
      return ([builder.apply("tanh", [builder.apply("add", [mixed, x])])], [])
    }
    builder.graph.addResult(state[0], name: "h")
    return builder.graph
  }

  /// A training step of a tiny recursion model: detached recursion, one with gradient, and its reverse.
  static func recursion(deep: Int = 2, inner: Int = 6) -> Graph {
    var builder = SampleBuilder("tiny recursion")
    let tokens = builder.parameter("tokens", .input, ["B": 8, "L": 81])
    let targets = builder.parameter("targets", .input, ["B": 8, "L": 81])
    let table = builder.parameter("embedding.table", .weight, ["V": 11, "D": 512])
    let weights = blockWeights(&builder)
    let head = builder.parameter("head.weight", .weight, ["D": 512, "V": 11])
    let y0 = builder.parameter("y", .state, hidden)
    let z0 = builder.parameter("z", .state, hidden)
    let x = builder.inScope("embedding") { builder in
      builder.apply("multiply", [builder.apply("gather", [table, tokens], hidden)])
    }
    builder.role = .detached
    let warm = builder.loop(deep, carrying: [("y", y0), ("z", z0)]) { builder, carries, _ in
      (round(&builder, x, carries, inner, weights, residuals: false).carries, [])
    }
    builder.role = .forward
    let last = round(&builder, x, warm, inner, weights, residuals: true)
    let logits = builder.inScope("head") {
      $0.apply("dot", [last.carries[0], head], ["B": 8, "L": 81, "V": 11])
    }
    let loss = builder.apply("cross_entropy", [logits, targets], .scalar)
    builder.graph.addResult(loss, name: "loss")
    builder.graph.addResult(last.carries[0], name: "y", updating: y0)
    builder.graph.addResult(last.carries[1], name: "z", updating: z0)
    addBackward(&builder, logits, targets, last, weights, head: head, inner)
    return builder.graph
  }

  private static func blockWeights(_ builder: inout SampleBuilder) -> [Graph.Value] {
    (0..<2).flatMap { block in
      [("attention.qkv", 1536), ("attention.output", 512), ("mlp.up", 3072), ("mlp.down", 512)].map {
        name, width in
        builder.parameter("net.block\(block).\(name)", .weight, ["D": 512, "E": width])
      }
    }
  }

  private static func round(
    _ builder: inout SampleBuilder, _ x: Graph.Value, _ carries: [Graph.Value], _ inner: Int,
    _ weights: [Graph.Value], residuals: Bool
  ) -> (carries: [Graph.Value], stacks: [Graph.Value], kept: [Graph.Value]) {
    let y = carries[0]
    let z = builder.loop(inner, carrying: [("z", carries[1])]) { builder, carries, _ in
      let sum = builder.apply("add", [builder.apply("add", [x, y]), carries[0]])
      let (next, kept) = net(&builder, sum, weights)
      return ([next], residuals ? kept : [])
    }
    let (next, kept) = net(&builder, builder.apply("add", [y, z[0]]), weights)
    return ([next, z[0]], Array(z.dropFirst()), kept)
  }

  /// Two post-norm blocks; the second result is what a backward part would need.
  static func net(
    _ builder: inout SampleBuilder, _ input: Graph.Value, _ weights: [Graph.Value]
  ) -> (Graph.Value, [Graph.Value]) {
    var h = input
    var kept: [Graph.Value] = []
    builder.inScope("net") { builder in
      for block in 0..<(weights.count / 4) {
        let own = Array(weights[(block * 4)..<(block * 4 + 4)])
        builder.inScope("block\(block)") { builder in
          kept.append(h)
          let mixed = builder.inScope("attention") { attention(&$0, h, own) }
          h = builder.apply("rms_norm", [builder.apply("add", [h, mixed])])
          kept.append(h)
          let wide = builder.inScope("mlp") { builder in
            let up = builder.apply("dot", [h, own[2]], ["B": 8, "L": 81, "E": 3072])
            return builder.apply(
              "dot", [builder.apply("swiglu", [up], ["B": 8, "L": 81, "E": 1536]), own[3]], hidden)
          }
          h = builder.apply("rms_norm", [builder.apply("add", [h, wide])])
        }
      }
    }
    return (h, kept)
  }

  private static func attention(_ builder: inout SampleBuilder, _ h: Graph.Value, _ own: [Graph.Value])
    -> Graph.Value
  {
    let packed = builder.apply("dot", [h, own[0]], ["B": 8, "L": 81, "E": 1536])
    let heads: Shape = ["B": 8, "H": 8, "L": 81, "K": 64]
    let parts = (0..<3).map { _ in
      builder.apply("transpose", [builder.apply("slice", [packed], hidden)], heads)
    }
    let scores = builder.apply("dot", [parts[0], parts[1]], ["B": 8, "H": 8, "L": 81, "M": 81])
    let weights = builder.apply(
      "softmax", [builder.apply("multiply", [scores, builder.apply("constant", [])])])
    let mixed = builder.apply("dot", [weights, parts[2]], heads)
    return builder.apply("dot", [builder.apply("transpose", [mixed], hidden), own[1]], hidden)
  }

  private static func addBackward(
    _ builder: inout SampleBuilder, _ logits: Graph.Value, _ targets: Graph.Value,
    _ forward: (carries: [Graph.Value], stacks: [Graph.Value], kept: [Graph.Value]), _ weights: [Graph.Value],
    head: Graph.Value, _ inner: Int
  ) {
    builder.role = .backward
    let seed = builder.apply("subtract", [builder.apply("softmax", [logits]), targets])
    let (cotangent, headGradient) = builder.inScope("head") { builder in
      (
        builder.apply("dot", [seed, head], hidden),
        builder.apply("dot", [seed, forward.carries[0]], ["D": 512, "V": 11])
      )
    }
    let outer = netBackward(&builder, cotangent, forward.kept, weights, weights.map { _ in nil })
    let initial = [("dz", outer.0)] + outer.1.enumerated().map { ("dw\($0.offset)", $0.element) }
    let gradients = builder.loop(inner, carrying: initial, slicing: forward.stacks, isReversed: true) {
      builder, carries, slices in
      let result = netBackward(&builder, carries[0], slices, weights, carries.dropFirst().map(Optional.some))
      return ([result.0] + result.1, [])
    }
    builder.role = .update
    for (weight, gradient) in zip(weights + [head], gradients.dropFirst() + [headGradient]) {
      let name = builder.graph[weight].name ?? ""
      let next = builder.apply("adam_w", [weight, gradient])
      builder.graph.addResult(next, name: name, updating: weight)
    }
  }

  private static func netBackward(
    _ builder: inout SampleBuilder, _ cotangent: Graph.Value, _ kept: [Graph.Value], _ weights: [Graph.Value],
    _ accumulated: [Graph.Value?]
  ) -> (Graph.Value, [Graph.Value]) {
    var d = cotangent
    var gradients = weights
    builder.inScope("net") { builder in
      for block in (0..<(weights.count / 4)).reversed() {
        builder.inScope("block\(block)") { builder in
          for (part, offset) in [("mlp", 2), ("attention", 0)] {
            builder.inScope(part) { builder in
              let local = builder.apply("rms_norm_gradient", [d, kept[block * 2 + offset / 2]])
              for weight in [block * 4 + offset + 1, block * 4 + offset] {
                let own = builder.apply(
                  "dot", [local, kept[block * 2]], builder.graph.type(of: weights[weight]).shape)
                gradients[weight] = accumulated[weight].map { builder.apply("add", [$0, own]) } ?? own
              }
              d = builder.apply(
                "add", [d, builder.apply("dot", [local, weights[block * 4 + offset]], hidden)])
            }
          }
        }
      }
    }
    return (d, gradients)
  }

  /// Seventeen layers that share their weights: 476 operations, each weight read 17 times.
  static func sharedWeights() -> Graph {
    var builder = SampleBuilder("shared weights")
    let weights = blockWeights(&builder)
    var h = builder.parameter("x", .input, hidden)
    for layer in 0..<17 {
      builder.inScope("layer\(layer)") { builder in h = net(&builder, h, Array(weights.prefix(4))).0 }
      for _ in 0..<9 { h = builder.apply("tanh", [h]) }
    }
    builder.graph.addResult(h, name: "h")
    return builder.graph
  }
}
