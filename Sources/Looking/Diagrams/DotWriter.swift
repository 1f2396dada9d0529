import GraphIR
import Reports
import StandardStreams

/// Writes a picture as DOT text.
struct DotWriter {
  let graph: Graph
  let outline: Outline
  let isOpen: [Bool]
  let picture: Picture
  let coloring: NodeColoring
  let options: GraphDiagram.Options
  let note: String?
  var lines: [String] = []
  private var nodesOfHome: [[Int]]
  private let descriptions: NodeDescription

  init(
    _ graph: Graph, _ outline: Outline, _ opening: Opening, _ picture: Picture, _ coloring: NodeColoring,
    _ options: GraphDiagram.Options, note: String?, kind: @escaping (String) -> OperationKind
  ) {
    (self.graph, self.outline, self.picture, self.coloring) = (graph, outline, picture, coloring)
    (self.options, self.note, isOpen) = (options, note, opening.isOpen)
    descriptions = NodeDescription(graph, outline, opening.representatives, kind)
    nodesOfHome = Array(repeating: [], count: outline.items.count)
    for (index, node) in picture.nodes.enumerated() { nodesOfHome[node.home].append(index) }
  }

  func text() -> String {
    var writer = self
    writer.lines.append("digraph \(Quoting.dot(graph.name)) {")
    writer.writeDefaults()
    writer.writeBody()
    for edge in picture.edges { writer.lines.append("  " + edgeText(edge)) }
    writer.lines.append("}")
    return writer.lines.joined(separator: "\n") + "\n"
  }

  private mutating func writeDefaults() {
    // The limits bound the time of the layout; pictures of ordinary size never reach them.
    lines.append(
      "  graph [rankdir=TB, fontname=\"\(Palette.font)\", fontcolor=\"\(Palette.text)\", fontsize=11,"
        + " bgcolor=white, pad=0.25, nodesep=0.22, ranksep=0.34, nslimit=4, nslimit1=4, mclimit=2,"
        + " outputorder=edgesfirst, labelloc=t, labeljust=l,")
    lines.append("    label=\(legend())];")
    lines.append(
      "  node [shape=box, style=\"filled,rounded\", fontname=\"\(Palette.font)\", fontsize=11,"
        + " fontcolor=\"\(Palette.text)\", color=\"\(Palette.line(.forward))\", penwidth=1, height=0.3,"
        + " margin=\"0.12,0.06\"];")
    lines.append(
      "  edge [fontname=\"\(Palette.font)\", fontsize=8, fontcolor=\"\(Palette.faintText)\","
        + " color=\"\(Palette.line)\", penwidth=1, arrowsize=0.6];")
  }

  /// The body: what runs forward as it is, the backward part and the update in clusters of their own.
  private mutating func writeBody() {
    let parts: [(String, [Graph.Role])] = [
      ("", [.forward, .detached]), ("backward", [.recompute, .backward]), ("update", [.update]),
    ]
    for (name, roles) in parts {
      let children = outline[Outline.body].children.filter { roles.contains(outline[$0].role) }
      let nodes = nodesOfHome[Outline.body].filter { roles.contains(picture.nodes[$0].role) }
      // A part that is one cluster already needs no second frame.
      let isCluster = !name.isEmpty && nodes.count + children.count > 2 && !children.allSatisfy { isOpen[$0] }
      if isCluster, let role = roles.last {
        openCluster("cluster_\(name)", title: name, role: role, indent: "  ")
      }
      write(children, nodes, indent: isCluster ? "    " : "  ")
      if isCluster { lines.append("  }") }
    }
  }

  private mutating func write(_ children: [Int], _ nodes: [Int], indent: String) {
    for node in nodes { lines.append(indent + nodeText(picture.nodes[node])) }
    for child in children where isOpen[child] {
      openCluster(
        "cluster_\(child)", title: descriptions.title(of: child), role: outline[child].role,
        isScope: outline.isScope(child), indent: indent)
      write(outline[child].children, nodesOfHome[child], indent: indent + "  ")
      lines.append(indent + "}")
    }
  }

  private mutating func openCluster(
    _ identifier: String, title: String, role: Graph.Role, isScope: Bool = false, indent: String
  ) {
    let style = isScope ? "rounded,filled,dashed" : "rounded,filled"
    lines.append("\(indent)subgraph \(Quoting.dot(identifier)) {")
    lines.append(
      "\(indent)  id=\(Quoting.dot(identifier)); label=<<B>\(Quoting.xml(title))</B>>;"
        + " tooltip=\(Quoting.dot(title));"
        + " style=\"\(style)\"; color=\"\(Palette.line(role))\"; fillcolor=\"\(Palette.tint(role))\";"
        + " fontcolor=\"\(Palette.faintText)\"; margin=10;")
  }
}
