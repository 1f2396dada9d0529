import GraphIR

/// How many kernels, products and borders of loops touch a value.
struct ValueTouches {
  private var counts: [Graph.Value: Int] = [:]

  init(_ nodes: [Timeline.Node], _ lowered: LoweredGraph) {
    add(nodes, lowered)
    for result in lowered.graph.results { counts[lowered.root(result), default: 0] += 1 }
  }

  func count(_ value: Graph.Value) -> Int { counts[value] ?? 0 }

  private mutating func add(_ nodes: [Timeline.Node], _ lowered: LoweredGraph) {
    for node in nodes {
      switch node {
      case .kernel, .contraction, .streamed, .packing: add(node.touched)
      case .scatter(_, let identifier):
        let operation = lowered.graph[identifier]
        add((operation.operands + operation.results).map(lowered.root))
      case .loop(let node):
        add(node.body, lowered)
        let loop = node.loop
        add((loop.initialCarries + loop.stackedInputs + loop.nextCarries + loop.stackedOutputs).map(lowered.root))
      }
    }
  }

  private mutating func add(_ values: [Graph.Value]) {
    for value in Set(values) { counts[value, default: 0] += 1 }
  }
}
