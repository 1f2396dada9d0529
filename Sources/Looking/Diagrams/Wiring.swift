import GraphIR

/// Draws a graph with some items open, in one walk that knows of each value where it comes from.
struct Wiring {
  /// Where the arrows of a value start.
  enum Origin: Hashable {
    case node(Int)
    /// A parameter that is drawn as a leaf at each use.
    case leaf(LeafKind)
  }

  enum LeafKind: Hashable {
    case weight
    case input
    case step
  }

  struct Source: Hashable {
    var origin: Origin
    /// The value that the arrow carries.
    var value: Graph.Value
  }

  let graph: Graph
  let outline: Outline
  let isOpen: [Bool]
  let representatives: [Int]
  let options: GraphDiagram.Options
  var picture = Picture()
  var sources: [[Source]]
  var leaves: [[Source]] = []
  /// Values that operations of the backward part read.
  let valuesReadBackward: Set<Graph.Value>
  let useCounts: [Int]
  private var nodeOfItem: [Int?]
  private let descriptions: NodeDescription
  private let hiding: Hiding

  init(
    _ graph: Graph, _ outline: Outline, _ opening: Opening, options: GraphDiagram.Options,
    kind: @escaping (String) -> OperationKind
  ) {
    (self.graph, self.outline, self.options) = (graph, outline, options)
    isOpen = opening.isOpen
    representatives = opening.representatives
    sources = Array(repeating: [], count: graph.values.count)
    nodeOfItem = Array(repeating: nil, count: outline.items.count)
    valuesReadBackward = Self.valuesReadBackward(graph)
    useCounts = graph.useCounts()
    descriptions = NodeDescription(graph, outline, representatives, kind)
    hiding = Hiding(outline: outline, graph: graph, kind: kind, isEnabled: !options.expand)
  }

  func drawn() -> Picture {
    var wiring = self
    for (value, role) in zip(graph.parameters, graph.parameterRoles) {
      let leaf: LeafKind = role == .weight || role == .constant ? .weight : .input
      wiring.sources[Int(value.index)] = [Source(origin: .leaf(leaf), value: value)]
    }
    wiring.walk(Graph.body)
    wiring.addResults()
    wiring.addLeaves()
    return wiring.picture
  }

  private static func valuesReadBackward(_ graph: Graph) -> Set<Graph.Value> {
    var values: Set<Graph.Value> = []
    graph.forEachOperation { identifier, _ in
      let operation = graph[identifier]
      if [.backward, .recompute].contains(operation.annotation.role) { values.formUnion(operation.operands) }
    }
    return values
  }

  mutating func walk(_ region: Graph.RegionID) {
    for identifier in graph[region].operations {
      guard let item = outline.itemOfOperation[Int(identifier.index)] else { continue }
      if graph[identifier].regions.isEmpty {
        walkOperation(identifier, item)
      } else {
        walkOwner(identifier, item)
      }
    }
  }

  private mutating func walkOperation(_ identifier: Graph.OperationID, _ item: Int) {
    let operation = graph[identifier]
    let incoming = incoming(operation.operands)
    let nodeSources = incoming.filter { if case .node = $0.origin { true } else { false } }
    if representatives[item] == item, hiding.hides(item, operation, sourceCount: nodeSources.count) {
      for result in operation.results { sources[Int(result.index)] = incoming }
      return
    }
    let node = node(of: representatives[item])
    connect(incoming, to: node)
    start(operation.results, at: node)
  }

  /// The sources of several values, each once.
  private func incoming(_ values: [Graph.Value]) -> [Source] {
    var seen: Set<Source> = []
    return values.flatMap { sources[Int($0.index)] }.filter { seen.insert($0).inserted }
  }

  mutating func connect(_ sources: [Source], to target: Int, _ kind: Picture.EdgeKind? = nil) {
    for source in sources {
      switch source.origin {
      case .leaf:
        if !leaves[target].contains(source) { leaves[target].append(source) }
      case .node(let node) where node != target || kind == .carry:
        picture.connect(node, to: target, kind ?? edgeKind(node, target), source.value)
      case .node: break
      }
    }
  }

  private func edgeKind(_ source: Int, _ target: Int) -> Picture.EdgeKind {
    let isForward = [.forward, .detached].contains(picture.nodes[source].role)
    let isBackward = [.backward, .recompute].contains(picture.nodes[target].role)
    return isForward && isBackward || picture.nodes[source].style == .stack ? .residual : .data
  }

  /// Makes the values start at a node.
  mutating func start(_ values: [Graph.Value], at node: Int) {
    for value in values { sources[Int(value.index)] = [Source(origin: .node(node), value: value)] }
  }

  mutating func add(_ node: Picture.Node) -> Int {
    leaves.append([])
    return picture.add(node)
  }

  /// The node of a closed item, made at its first use.
  mutating func node(of item: Int) -> Int {
    if let node = nodeOfItem[item] { return node }
    let node = add(descriptions.node(of: item))
    nodeOfItem[item] = node
    return node
  }
}
