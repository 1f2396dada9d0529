extension Graph: CustomStringConvertible {
  /// The textual form: one operation per line, numbered in order of definition, names where the DSL gave them.
  public var description: String { GraphPrinter(graph: self, usesNames: true).text() }

  /// The textual form without any names: equal for equal graphs.
  public var canonicalText: String { GraphPrinter(graph: self, usesNames: false).text() }
}

extension Graph: Hashable {
  public static func == (left: Graph, right: Graph) -> Bool { left.canonicalText == right.canonicalText }
  public func hash(into hasher: inout Hasher) { hasher.combine(canonicalText) }
}

/// Writes a graph as text.
struct GraphPrinter {
  private let graph: Graph
  private let usesNames: Bool
  private var labels: [String]
  private var usedNames: Set<String> = []
  private var nextNumber = 0
  private var lines: [String] = []

  init(graph: Graph, usesNames: Bool) {
    self.graph = graph
    self.usesNames = usesNames
    labels = Array(repeating: "", count: graph.values.count)
  }

  func text() -> String {
    var printer = self
    printer.printBody()
    return printer.lines.joined(separator: "\n") + "\n"
  }

  private mutating func printBody() {
    let parameters = zip(graph.parameters, graph.parameterRoles).map { value, role in
      "\n  \(role.rawValue) \(define(value)): \(type(of: value))"
    }
    lines.append("graph @\(GraphText.name(graph.name))(\(parameters.joined(separator: ",")))" + " {")
    printOperations(of: Graph.body, indent: "  ")
    for (value, role) in zip(graph.results, graph.resultRoles) {
      let updated = role.updatedParameter.map { " updates \(label(graph.parameters[$0]))" } ?? ""
      lines.append("  return \(GraphText.quoted(role.name)) \(label(value))\(updated)")
    }
    lines.append("}")
  }

  private mutating func printOperations(of region: Graph.RegionID, indent: String) {
    for identifier in graph[region].operations { printOperation(graph[identifier], indent: indent) }
  }

  private mutating func printOperation(_ operation: Graph.Operation, indent: String) {
    let operands = operation.operands.map(label).joined(separator: ", ")
    let attributes = operation.attributes.entries.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
    let results = operation.results.map { define($0) }.joined(separator: ", ")
    let types = operation.results.map(type).joined(separator: ", ")
    var line = indent + results + " = " + operation.name
    if !operands.isEmpty { line += " " + operands }
    if !attributes.isEmpty { line += " {" + attributes + "}" }
    line += " : " + types
    guard !operation.regions.isEmpty else { return lines.append(line) }
    for region in operation.regions {
      let parameters = graph[region].parameters.map { "\(define($0)): \(type(of: $0))" }
      lines.append(line + " (" + parameters.joined(separator: ", ") + ") {")
      printOperations(of: region, indent: indent + "  ")
      lines.append(indent + "  yield " + graph[region].results.map(label).joined(separator: ", "))
      line = indent + "}"
    }
    lines.append(indent + "}")
  }

  /// `f32[B=2, 4]`; names of axes that are no words are quoted.
  private func type(of value: Graph.Value) -> String {
    let type = graph.type(of: value)
    let axes = zip(type.shape.extents, type.shape.names).map { extent, name in
      name.map { "\(GraphText.name($0))=\(extent)" } ?? "\(extent)"
    }
    return "\(type.elementType.rawValue)[\(axes.joined(separator: ", "))]"
  }

  private func label(_ value: Graph.Value) -> String { labels[Int(value.index)] }

  private mutating func define(_ value: Graph.Value) -> String {
    var text = "%\(nextNumber)"
    if usesNames, let name = graph[value].name {
      text = "%" + unusedName(Self.identifier(name))
    } else {
      nextNumber += 1
    }
    labels[Int(value.index)] = text
    return text
  }

  private mutating func unusedName(_ name: String) -> String {
    var candidate = name
    var suffix = 2
    while !usedNames.insert(candidate).inserted {
      candidate = "\(name)_\(suffix)"
      suffix += 1
    }
    return candidate
  }

  /// A name of the DSL with everything but letters, digits, dots and underscores replaced, starting with a letter.
  private static func identifier(_ name: String) -> String {
    let scalars = name.unicodeScalars.map { GraphText.isWordScalar($0) && !"-+".unicodeScalars.contains($0) ? $0 : "_" }
    let text = String(String.UnicodeScalarView(scalars))
    return scalars.first?.properties.isAlphabetic == true ? text : "v" + text
  }
}
