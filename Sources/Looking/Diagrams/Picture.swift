import GraphIR

/// What is drawn: nodes in the containers of the outline, and edges between them.
struct Picture {
  struct Node {
    var identifier: String
    var style: Style
    var title: String
    /// The item of the outline in whose cluster the node stands.
    var home: Int
    var role: Graph.Role
    /// Values that leave the node, each once, in order of first use.
    var outputs: [Graph.Value] = []
    /// What the node's operation defines, for a node whose values nobody reads.
    var results: [Graph.Value] = []
    /// Lines for the tooltip, after the title.
    var details: [String] = []
  }

  enum Style: Hashable {
    case operation(OperationKind)
    /// A closed scope or loop, or several operations that share one node.
    case group
    case carry
    /// Values of all iterations of a loop.
    case stack
    case weight
    case input
    case output
  }

  struct Edge {
    var source: Int
    var target: Int
    var kind: EdgeKind
    var values: [Graph.Value]
  }

  enum EdgeKind: Hashable {
    case data
    /// From the end of a loop's body to the next iteration.
    case carry
    /// Kept from the forward part for the backward part.
    case residual
    /// From a leaf that is drawn for its one consumer.
    case leaf
  }

  var nodes: [Node] = []
  var edges: [Edge] = []
  private var edgeIndex: [EdgeKey: Int] = [:]

  private struct EdgeKey: Hashable {
    var source: Int
    var target: Int
    var kind: EdgeKind
  }

  mutating func add(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  mutating func connect(_ source: Int, to target: Int, _ kind: EdgeKind, _ value: Graph.Value) {
    let key = EdgeKey(source: source, target: target, kind: kind)
    if let index = edgeIndex[key] {
      if !edges[index].values.contains(value) { edges[index].values.append(value) }
    } else {
      edgeIndex[key] = edges.count
      edges.append(Edge(source: source, target: target, kind: kind, values: [value]))
    }
    if kind != .leaf, !nodes[source].outputs.contains(value) { nodes[source].outputs.append(value) }
  }
}
