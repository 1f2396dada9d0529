import TensorTypes

extension Graph {
  /// Reads the textual form that `description` writes.
  ///
  /// What operators mean is not known here: `allViolations()` and the compiler check types.
  ///
  /// - Throws: `GraphSyntaxError` with the line, or `GraphViolations` when the structure is not sound.
  public init(parsing text: String) throws {
    var parser = try GraphParser(text)
    self = try parser.parseGraph()
  }
}

/// A recursive-descent parser; it recurses only into regions, to a bounded depth.
struct GraphParser {
  /// Regions inside each other, at most: more than any model nests, and less than the stack holds.
  private static let mostNestedRegions = 64
  private var tokens: GraphTokens
  private var graph = Graph(name: "")
  private var values: [String: Graph.Value] = [:]

  private var depth = 0

  init(_ text: String) throws { tokens = try GraphTokens(text) }

  mutating func parseGraph() throws -> Graph {
    try tokens.expect("graph")
    try tokens.expect("@")
    graph.name = try tokens.name("a graph name")
    try parseParameters()
    try tokens.expect("{")
    try parseOperations(into: Graph.body)
    while tokens.take("return") { try parseResult() }
    try tokens.expect("}")
    try tokens.expectEnd()
    try graph.verifyStructure()
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
    try define(label, graph.addParameter(try parseType(), name: Self.name(label), to: region))
  }

  private mutating func define(_ label: String, _ value: Graph.Value) throws {
    guard values.updateValue(value, forKey: label) == nil else {
      throw tokens.error(found: "a second value %\(label)", needed: "a label that is not taken")
    }
  }

  private mutating func parseResult() throws {
    let name = try tokens.quoted("a quoted name")
    let value = try value(tokens.label())
    let updated = tokens.take("updates") ? try parseUpdated(by: value) : nil
    graph.addResult(value, name: name, updating: updated)
  }

  private mutating func parseUpdated(by value: Graph.Value) throws -> Graph.Value {
    let label = try tokens.label()
    let updated = try self.value(label)
    guard graph.parameters.contains(updated), graph.type(of: updated) == graph.type(of: value) else {
      throw tokens.error(found: "an update of %\(label)", needed: "a parameter of type \(graph.type(of: value))")
    }
    return updated
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
      try define(label, result)
      graph[result].name = Self.name(label)
    }
  }

  private mutating func parseRegion() throws -> Graph.RegionID {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.mostNestedRegions else {
      throw tokens.error(found: "\(depth) nested regions", needed: "at most \(Self.mostNestedRegions)")
    }
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
      let value = try tokens.attribute()
      if attributes[name] != nil { throw tokens.error(found: "a second attribute \(name)", needed: "one") }
      attributes[name] = value
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
      let word = try tokens.name("an extent")
      let isNamed = tokens.take("=")
      let extent = isNamed ? try tokens.word("an extent") : word
      guard let count = Int(extent), count >= 0 else {
        throw tokens.error(found: GraphTokens.shown(extent), needed: "an extent")
      }
      extents.append(count)
      names.append(isNamed ? word : nil)
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
