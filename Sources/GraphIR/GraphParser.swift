import TensorTypes

extension Graph {
  /// Reads the textual form that `description` writes.
  public init(parsing text: String) throws {
    var parser = GraphParser(text)
    self = try parser.parseGraph()
  }
}

/// A recursive-descent parser; it recurses only into regions.
struct GraphParser {
  private var tokens: GraphTokens
  private var graph = Graph(name: "")
  private var values: [String: Graph.Value] = [:]

  init(_ text: String) { tokens = GraphTokens(text) }

  mutating func parseGraph() throws -> Graph {
    try tokens.expect("graph")
    try tokens.expect("@")
    graph.name = try tokens.word("a graph name")
    try parseParameters()
    try tokens.expect("{")
    try parseOperations(into: Graph.body)
    while tokens.take("return") { try parseResult() }
    try tokens.expect("}")
    return graph
  }

  private mutating func parseParameters() throws {
    try tokens.expect("(")
    while !tokens.take(")") {
      let word = try tokens.word("a parameter role")
      guard let role = ParameterRole(rawValue: word) else {
        throw tokens.error(found: "'\(word)'", needed: "input, weight, constant or state")
      }
      graph.parameterRoles.append(role)
      try parseParameter(of: Graph.body)
      _ = tokens.take(",")
    }
  }

  private mutating func parseParameter(of region: Graph.RegionID) throws {
    let label = try tokens.label()
    try tokens.expect(":")
    values[label] = graph.addParameter(try parseType(), name: Self.name(label), to: region)
  }

  private mutating func parseResult() throws {
    let name = try tokens.quoted()
    let value = try value(tokens.label())
    let updated = tokens.take("updates") ? try self.value(tokens.label()) : nil
    graph.addResult(value, name: name, updating: updated)
  }

  private mutating func parseOperations(into region: Graph.RegionID) throws {
    while tokens.peek("%") { try parseOperation(into: region) }
  }

  private mutating func parseOperation(into region: Graph.RegionID) throws {
    let labels = try parseLabels()
    try tokens.expect("=")
    let name = try tokens.word("an operator")
    let operands = tokens.peek("%") ? try parseLabels().map { try value($0) } : []
    let attributes = try parseAttributes()
    try tokens.expect(":")
    var types = [try parseType()]
    while tokens.take(",") { types.append(try parseType()) }
    guard types.count == labels.count else {
      throw tokens.error(found: "\(types.count) types", needed: "\(labels.count), one per result")
    }
    var regions: [Graph.RegionID] = []
    while tokens.peek("(") { regions.append(try parseRegion()) }
    let operation = graph.append(
      name, operands, attributes: attributes, regions: regions, resultTypes: types, to: region)
    for (label, result) in zip(labels, graph[operation].results) {
      values[label] = result
      graph[result].name = Self.name(label)
    }
  }

  private mutating func parseRegion() throws -> Graph.RegionID {
    let region = graph.addRegion()
    try tokens.expect("(")
    while !tokens.take(")") {
      try parseParameter(of: region)
      _ = tokens.take(",")
    }
    try tokens.expect("{")
    try parseOperations(into: region)
    try tokens.expect("yield")
    graph[region].results = tokens.peek("%") ? try parseLabels().map { try value($0) } : []
    try tokens.expect("}")
    return region
  }

  private mutating func parseLabels() throws -> [String] {
    var labels = [try tokens.label()]
    while tokens.take(",") { labels.append(try tokens.label()) }
    return labels
  }

  private mutating func parseAttributes() throws -> Attributes {
    var attributes: Attributes = [:]
    guard tokens.take("{") else { return attributes }
    while !tokens.take("}") {
      let name = try tokens.word("an attribute name")
      try tokens.expect("=")
      attributes[name] = try tokens.attribute()
      _ = tokens.take(",")
    }
    return attributes
  }

  private mutating func parseType() throws -> TensorType {
    let word = try tokens.word("an element type")
    guard let elementType = ElementType(rawValue: word) else {
      throw tokens.error(found: "'\(word)'", needed: "f32, f64, i32 or bool")
    }
    try tokens.expect("[")
    var extents: [Int] = []
    var names: [String?] = []
    while !tokens.take("]") {
      let word = try tokens.word("an extent")
      let extent = tokens.take("=") ? try tokens.word("an extent") : word
      guard let count = Int(extent) else { throw tokens.error(found: "'\(extent)'", needed: "an extent") }
      extents.append(count)
      names.append(extent == word && Int(word) != nil ? nil : word)
      _ = tokens.take(",")
    }
    return TensorType(elementType, Shape(extents, names: names))
  }

  private func value(_ label: String) throws -> Graph.Value {
    guard let value = values[label] else {
      throw tokens.error(found: "%\(label)", needed: "a value that is defined above")
    }
    return value
  }

  private static func name(_ label: String) -> String? { Int(label) == nil ? label : nil }
}
