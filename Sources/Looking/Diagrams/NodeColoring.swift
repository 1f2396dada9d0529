import GraphIR

/// Fill colours of the nodes, and the legend that explains them.
struct NodeColoring {
  struct Entry: Hashable {
    var color: String
    var label: String
  }

  let graph: Graph
  let mode: GraphDiagram.Coloring
  let liveness: ((Graph.Value) -> Double?)?
  private let largestByteCount: Int

  init(
    _ graph: Graph, _ mode: GraphDiagram.Coloring, _ picture: Picture, _ liveness: ((Graph.Value) -> Double?)?
  ) {
    (self.graph, self.mode, self.liveness) = (graph, mode, liveness)
    largestByteCount = picture.nodes.map { Self.byteCount($0, graph) }.max() ?? 0
  }

  static func byteCount(_ node: Picture.Node, _ graph: Graph) -> Int {
    let values = node.outputs.isEmpty ? node.results : node.outputs
    return values.reduce(0) { $0 + graph.type(of: $1).byteCount }
  }

  func fill(_ node: Picture.Node) -> String {
    if node.style == .output { return Palette.output }
    switch mode {
    case .role: return Palette.fill(node.role)
    case .bytes: return Palette.ramp(byteShare(Self.byteCount(node, graph)), warm: true)
    case .liveness: return share(node).map { Palette.ramp($0, warm: false) } ?? Palette.carry
    case .kind: return node.role == .detached ? Palette.detached : kindFill(node.style)
    }
  }

  /// Square roots, because a few tensors are a thousand times larger than the rest.
  private func byteShare(_ byteCount: Int) -> Double {
    (Double(byteCount) / Double(max(largestByteCount, 1))).squareRoot()
  }

  private func share(_ node: Picture.Node) -> Double? {
    (node.outputs.isEmpty ? node.results : node.outputs).compactMap { liveness?($0) }.max()
  }

  private func kindFill(_ style: Picture.Style) -> String {
    switch style {
    case .operation(let kind): Palette.fill(kind)
    case .group: Palette.group
    case .carry: Palette.carry
    case .stack: Palette.stack
    case .weight: Palette.weight
    case .input: Palette.input
    case .output: Palette.output
    }
  }

  /// What the colours in use mean, in a fixed order.
  func legend(_ picture: Picture) -> [Entry] {
    switch mode {
    case .kind: kindLegend(picture)
    case .role: roles(picture).map { Entry(color: Palette.fill($0), label: $0.rawValue) }
    case .bytes:
      [0, 0.25, 1].map { share in
        Entry(
          color: Palette.ramp(share.squareRoot(), warm: true),
          label: ByteText.short(Int(Double(largestByteCount) * share)))
      }
    case .liveness:
      [0, 0.5, 1].map { share in
        Entry(color: Palette.ramp(share, warm: false), label: "alive \(Int(share * 100)) % of the time")
      }
    }
  }

  private func roles(_ picture: Picture) -> [Graph.Role] {
    Graph.Role.allCases.filter { role in picture.nodes.contains { $0.role == role && $0.style != .output } }
  }

  private func kindLegend(_ picture: Picture) -> [Entry] {
    let styles = Set(picture.nodes.filter { $0.role != .detached }.map(\.style))
    var entries = OperationKind.allCases.filter { styles.contains(.operation($0)) }.map {
      Entry(color: Palette.fill($0), label: $0 == .elementwise ? "element-wise" : $0.rawValue)
    }
    let others: [(Picture.Style, String)] = [
      (.group, "scope or loop"), (.stack, "stack"), (.weight, "weight"), (.input, "input"),
    ]
    for (style, label) in others where styles.contains(style) {
      entries.append(Entry(color: kindFill(style), label: label))
    }
    for role in roles(picture) where role != .forward {
      entries.append(
        Entry(color: role == .detached ? Palette.detached : Palette.line(role), label: role.rawValue))
    }
    return entries
  }
}
