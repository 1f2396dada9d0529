import GraphIR
import Reports
import StandardStreams
import TensorTypes

extension DotWriter {
  func nodeText(_ node: Picture.Node) -> String {
    var attributes = [
      "id=\(Quoting.dot(node.identifier))", "label=\(label(node))",
      "fillcolor=\"\(coloring.fill(node))\"", "tooltip=\(Quoting.dot(tooltip(node)))",
    ]
    if node.role != .forward { attributes.append("color=\"\(Palette.line(node.role))\"") }
    if node.role == .detached { attributes.append("fontcolor=\"\(Palette.faintText)\"") }
    attributes += shape(node.style)
    return "\(Quoting.dot(node.identifier)) [\(attributes.joined(separator: ", "))];"
  }

  private func shape(_ style: Picture.Style) -> [String] {
    switch style {
    case .operation: []
    case .group: ["penwidth=1.4"]
    case .carry: ["shape=box", "style=\"filled,rounded,dashed\""]
    case .stack: ["shape=cylinder", "style=filled", "margin=\"0.12,0.05\""]
    case .weight, .input:
      [
        "color=\"\(Palette.faintLine)\"", "fontsize=8.5", "height=0.2", "margin=\"0.07,0.03\"",
        "penwidth=0.8",
      ]
    case .output: ["fontcolor=white", "fontsize=9.5", "height=0.22", "color=\"\(Palette.output)\""]
    }
  }

  private func label(_ node: Picture.Node) -> String {
    let title = Quoting.xml(MarkupText.truncated(node.title, to: 32))
    if node.style == .output { return "<\(title)>" }
    let isLeaf = node.style == .weight || node.style == .input
    let font = "<FONT POINT-SIZE=\"\(isLeaf ? "7.5" : "8.5")\" COLOR=\"\(Palette.faintText)\">"
    let lines = captions(node).map { "<BR/>\(font)\(Quoting.xml($0))</FONT>" }
    return "<" + (isLeaf ? title : "<B>\(title)</B>") + lines.joined() + ">"
  }

  /// The lines below the title: the type of what the node is for, and how much else leaves it.
  private func captions(_ node: Picture.Node) -> [String] {
    let values = node.outputs.isEmpty ? node.results : node.outputs
    guard let main = values.max() else { return [] }
    let byteCount = ByteText.short(NodeColoring.byteCount(node, graph))
    if values.count > 1, [.stack, .weight, .input, .carry].contains(node.style) {
      return [node.style == .stack ? "\(values.count) values, \(byteCount)" : byteCount]
    }
    if values.count > 3 { return ["\(values.count) values, \(byteCount)"] }
    let type = graph.type(of: main)
    let own = "\(Self.short(type.shape)) · \(ByteText.short(type.byteCount))"
    return values.count == 1 ? [own] : [own, "\(values.count) values, \(byteCount)"]
  }

  /// `B=8 L=81 D=512`: without commas, which is enough beside a title.
  private static func short(_ shape: Shape) -> String {
    shape.rank == 0 ? "scalar" : shape.description.replacing(", ", with: " ")
  }

  private func tooltip(_ node: Picture.Node) -> String {
    let values = node.outputs.isEmpty ? node.results : node.outputs
    let types = [.stack, .weight, .input].contains(node.style) ? [] : values.map(describe)
    return ([node.title] + shortened(types) + shortened(node.details)).joined(separator: "\n")
  }

  private func describe(_ value: Graph.Value) -> String {
    let type = graph.type(of: value)
    return (graph[value].name.map { $0 + ": " } ?? "") + "\(type), \(ByteText.short(type.byteCount))"
  }

  private func shortened(_ lines: [String]) -> [String] {
    lines.count <= 12 ? lines : lines.prefix(11) + ["and \(lines.count - 11) more"]
  }

  func edgeText(_ edge: Picture.Edge) -> String {
    let tooltip = shortened(edge.values.map(describe)).joined(separator: "\n")
    var attributes = ["tooltip=\(Quoting.dot(tooltip))"]
    switch edge.kind {
    case .data: break
    case .carry:
      let color = Palette.line(picture.nodes[edge.target].role)
      attributes.append("style=dashed, constraint=false, color=\"\(color)\", penwidth=1.3")
    case .residual: attributes.append("color=\"\(Palette.faintLine)\"")
    case .leaf: attributes.append("color=\"\(Palette.faintLine)\", arrowsize=0.4")
    }
    if options.showsTypesOnEdges, edge.kind == .data, let value = edge.values.first {
      let others = edge.values.count > 1 ? " +\(edge.values.count - 1)" : ""
      attributes.append("label=\(Quoting.dot(" \(graph.type(of: value))\(others)"))")
    }
    let source = Quoting.dot(picture.nodes[edge.source].identifier)
    let target = Quoting.dot(picture.nodes[edge.target].identifier)
    return "\(source) -> \(target) [\(attributes.joined(separator: ", "))];"
  }

  /// Title, note and colours as a table: as the label of the picture, it cannot disturb the layout.
  func legend() -> String {
    let title = options.title.isEmpty ? graph.name : options.title
    var rows = [Self.legendLine("<FONT POINT-SIZE=\"16\"><B>\(Quoting.xml(title))</B></FONT>")]
    if let note {
      rows.append(Self.legendLine("<FONT POINT-SIZE=\"9\" COLOR=\"#b45309\">\(Quoting.xml(note))</FONT>"))
    }
    let entries = coloring.legend(picture)
    for start in stride(from: 0, to: entries.count, by: Self.legendColumns) {
      let row = entries[start..<min(start + Self.legendColumns, entries.count)]
      rows.append("      <TR>" + row.map(Self.legendCell).joined() + "</TR>")
    }
    let table = "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"3\" CELLPADDING=\"1\">"
    return "<\(table)\n\(rows.joined(separator: "\n"))\n    </TABLE>>"
  }

  private static let legendColumns = 6

  private static func legendLine(_ text: String) -> String {
    "      <TR><TD COLSPAN=\"\(2 * legendColumns)\" ALIGN=\"LEFT\">\(text)</TD></TR>"
  }

  private static func legendCell(_ entry: NodeColoring.Entry) -> String {
    let swatch = "FIXEDSIZE=\"TRUE\" WIDTH=\"14\" HEIGHT=\"11\" BORDER=\"1\" COLOR=\"\(Palette.faintLine)\""
    let font =
      "<FONT POINT-SIZE=\"9\" COLOR=\"\(Palette.faintText)\">\(Quoting.xml(entry.label))&#160;</FONT>"
    return "<TD \(swatch) BGCOLOR=\"\(entry.color)\"></TD><TD ALIGN=\"LEFT\">\(font)</TD>"
  }
}
