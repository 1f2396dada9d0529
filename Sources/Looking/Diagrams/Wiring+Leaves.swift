import GraphIR

extension Wiring {
  /// The results of the graph, at their sources: one node for all updates that a node makes.
  mutating func addResults() {
    var updates: [Int] = []
    for (position, (value, role)) in zip(graph.results, graph.resultRoles).enumerated() {
      if role.updatedParameter != nil {
        updates.append(position)
      } else {
        addOutput("result\(position)", role.name, [value])
      }
    }
    guard options.showsWeights else { return }
    for positions in groupedBySource(updates) {
      let values = positions.map { graph.results[$0] }
      let title =
        positions.count == 1
        ? "new " + shortName(graph.resultRoles[positions[0]].name) : "\(positions.count) updates"
      addOutput("result\(positions[0])", title, values, details: positions.map { graph.resultRoles[$0].name })
    }
  }

  private mutating func addOutput(
    _ identifier: String, _ title: String, _ values: [Graph.Value], details: [String] = []
  ) {
    let role = sources[Int(values[0].index)].compactMap(producerRole).first ?? .forward
    let node = add(
      Picture.Node(
        identifier: identifier, style: .output, title: title, home: Outline.body,
        role: role == .update ? .update : .forward, outputs: values, details: details))
    for value in values { connect(sources[Int(value.index)], to: node) }
  }

  private func producerRole(_ source: Source) -> Graph.Role? {
    if case .node(let node) = source.origin { picture.nodes[node].role } else { nil }
  }

  /// Positions of results with the same sources together, in order of first appearance.
  private func groupedBySource(_ positions: [Int]) -> [[Int]] {
    var groups: [[Int]] = []
    var groupOfOrigins: [[Origin]: Int] = [:]
    for position in positions {
      let origins = sources[Int(graph.results[position].index)].map(\.origin)
      if let group = groupOfOrigins[origins] {
        groups[group].append(position)
      } else {
        groupOfOrigins[origins] = groups.count
        groups.append([position])
      }
    }
    return groups
  }

  /// Parameters beside each of their consumers: long shared edges make a layout slow and unreadable.
  mutating func addLeaves() {
    for target in picture.nodes.indices {
      for leaf in [LeafKind.input, .step, .weight] where leaf != .weight || options.showsWeights {
        let values = leaves[target].filter { $0.origin == .leaf(leaf) }.map(\.value)
        addLeaf(leaf, values, at: target)
      }
    }
  }

  private mutating func addLeaf(_ leaf: LeafKind, _ values: [Graph.Value], at target: Int) {
    // Two inputs say what they are; from three on, the number does.
    let groups = values.count > (leaf == .input ? 2 : 1) ? [values] : values.map { [$0] }
    for (position, group) in groups.enumerated() {
      let consumer = picture.nodes[target]
      let identifier = "\(consumer.identifier)_\(leaf)" + (position == 0 ? "" : "\(position)")
      let node = add(
        Picture.Node(
          identifier: identifier, style: leaf == .weight ? .weight : .input,
          title: group.count == 1 ? leafName(group[0], leaf) : "\(group.count) \(leaf)s", home: consumer.home,
          role: consumer.role, outputs: group,
          details: group.map { "\(graph[$0].name ?? "unnamed"): \(graph.type(of: $0))" }))
      for value in group { picture.connect(node, to: target, .leaf, value) }
    }
  }

  private func leafName(_ value: Graph.Value, _ leaf: LeafKind) -> String {
    guard let name = graph[value].name, !name.isEmpty else { return "\(leaf)" }
    return shortName(name)
  }

  /// The last two parts of a path: `attention.query` of `net.block0.attention.query`.
  private func shortName(_ name: String) -> String {
    name.split { $0 == "." || $0 == "/" }.suffix(2).joined(separator: ".")
  }
}
