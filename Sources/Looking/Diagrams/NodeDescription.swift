import GraphIR

/// What items are called, and what their tooltips say.
struct NodeDescription {
  private let graph: Graph
  private let outline: Outline
  private let kind: (String) -> OperationKind
  /// The operations that each representative stands for.
  private var held: [[Graph.OperationID]]
  /// Whether neighbours share the node of each representative.
  private var isShared: [Bool]

  init(
    _ graph: Graph, _ outline: Outline, _ representatives: [Int], _ kind: @escaping (String) -> OperationKind
  ) {
    (self.graph, self.outline, self.kind) = (graph, outline, kind)
    held = Array(repeating: [], count: outline.items.count)
    isShared = Array(repeating: false, count: outline.items.count)
    for (item, representative) in representatives.enumerated() {
      switch outline[item].content {
      case .operation(let identifier), .owner(let identifier): held[representative].append(identifier)
      case .body, .scope: break
      }
      if item != representative, outline[item].parent == outline[representative].parent {
        isShared[representative] = true
      }
    }
  }

  func node(of item: Int) -> Picture.Node {
    Picture.Node(
      identifier: "node\(held[item].first?.index ?? 0)", style: style(of: item),
      title: isShared[item] ? "\(held[item].count) operations" : title(of: item), home: outline[item].parent,
      role: outline[item].role, results: results(of: item), details: details(of: item))
  }

  /// The heading of a cluster or node: `repeat × 6 (detached)`, `attention`, `dot`.
  func title(of item: Int) -> String {
    switch outline[item].content {
    case .body: graph.name
    case .scope(let path): path.split(separator: "/").last.map(String.init) ?? path
    case .operation(let identifier): graph[identifier].name
    case .owner(let identifier): ownerTitle(graph[identifier], outline[item].role)
    }
  }

  private func ownerTitle(_ operation: Graph.Operation, _ role: Graph.Role) -> String {
    let loop = Loop(operation)
    let count = loop.map { " × \($0.count)" } ?? ""
    let remarks = (loop?.isReversed == true ? ["reversed"] : []) + (role == .forward ? [] : [role.rawValue])
    return operation.name + count + (remarks.isEmpty ? "" : " (" + remarks.joined(separator: ", ") + ")")
  }

  private func style(of item: Int) -> Picture.Style {
    switch outline[item].content {
    case .operation(let identifier) where !isShared[item]: .operation(kind(graph[identifier].name))
    case .owner(let identifier) where kind(graph[identifier].name) == .composite: .operation(.composite)
    default: .group
    }
  }

  private func results(of item: Int) -> [Graph.Value] {
    switch outline[item].content {
    case .operation(let identifier), .owner(let identifier): graph[identifier].results
    case .body, .scope: []
    }
  }

  private func details(of item: Int) -> [String] {
    var lines: [String] = []
    switch outline[item].content {
    case .body: break
    case .scope(let path): lines = ["scope \(path)"]
    case .operation(let identifier), .owner(let identifier):
      let operation = graph[identifier]
      lines = operation.attributes.entries.map { MarkupText.truncated("\($0.name) = \($0.value)", to: 60) }
      if operation.annotation.scope != 0 {
        lines.append("scope " + graph.scopePath(operation.annotation.scope))
      }
    }
    if outline[item].role != .forward { lines.append(outline[item].role.rawValue) }
    return held[item].count > 1 ? lines + [census(held[item])] : lines
  }

  /// `12 operations: dot × 4, add × 3, ...`, in order of first appearance.
  private func census(_ operations: [Graph.OperationID]) -> String {
    var names: [String] = []
    var counts: [String: Int] = [:]
    for identifier in operations {
      let name = graph[identifier].name
      if counts[name] == nil { names.append(name) }
      counts[name, default: 0] += 1
    }
    let listed =
      names.prefix(8).map { name in "\(name) × \(counts[name] ?? 0)" } + (names.count > 8 ? ["..."] : [])
    return "\(operations.count) operations: " + listed.joined(separator: ", ")
  }
}
