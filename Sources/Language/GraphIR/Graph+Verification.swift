/// A broken invariant of a graph.
public struct GraphViolation: Error, Hashable, CustomStringConvertible {
  public var operation: String
  public var problem: String

  public init(operation: String, problem: String) {
    self.operation = operation
    self.problem = problem
  }

  public var description: String { "\(operation): \(problem)" }
}

/// Everything that is broken in a graph.
public struct GraphViolations: Error, Hashable, CustomStringConvertible {
  public var graph: String
  public var violations: [GraphViolation]

  public init(graph: String, violations: [GraphViolation]) {
    self.graph = graph
    self.violations = violations
  }

  public var description: String {
    let shown = violations.prefix(10).map { "  \($0)" }
    let more = violations.count > 10 ? ["  and \(violations.count - 10) more"] : []
    return (["graph \(graph) is not sound:"] + shown + more).joined(separator: "\n")
  }
}

extension Graph {
  /// - Throws: `GraphViolations` with every structural invariant that does not hold.
  public func verifyStructure() throws {
    let found = violations()
    if !found.isEmpty { throw GraphViolations(graph: name, violations: found) }
  }

  /// The structural invariants of a graph that do not hold; empty for a sound graph.
  ///
  /// - Every operand is defined before its use, in the same region or in one around it.
  /// - Every result of a region is defined in it or around it.
  /// - Ids point into the arrays, every operation has a result, every region one owner, and values know the operation or
  ///   region that defines them.
  /// - Parameters and results of the body have their roles; no parameter is replaced twice, nor by another type.
  public func violations() -> [GraphViolation] {
    var checker = GraphChecker(graph: self)
    checker.checkScopes()
    checker.check(Graph.body)
    checker.checkRoles()
    return checker.violations
  }
}

/// Looks at everything once, and follows no id that points nowhere.
private struct GraphChecker {
  let graph: Graph
  var isDefined: [Bool]
  var isVisited: [Bool]
  var violations: [GraphViolation] = []

  init(graph: Graph) {
    self.graph = graph
    isDefined = Array(repeating: false, count: graph.values.count)
    isVisited = Array(repeating: false, count: graph.regions.count)
    // The body is nobody's region.
    isVisited[0] = true
  }

  mutating func note(_ operation: String, _ problem: String) {
    violations.append(GraphViolation(operation: operation, problem: problem))
  }

  mutating func check(_ region: Graph.RegionID) {
    var own: [Graph.Value] = []
    for (position, value) in graph[region].parameters.enumerated() {
      define(value, .parameter(region, position), in: region, "region \(region.index)", &own)
    }
    for identifier in graph[region].operations {
      guard graph.operations.indices.contains(Int(identifier.index)) else {
        note("region \(region.index)", "has operation \(identifier.index), which does not exist")
        continue
      }
      check(identifier, in: region, &own)
    }
    use(graph[region].results, by: "results of region \(region.index)")
    // Values of a finished region are not visible after it.
    for value in own { isDefined[Int(value.index)] = false }
  }

  private mutating func check(
    _ identifier: Graph.OperationID, in region: Graph.RegionID, _ own: inout [Graph.Value]
  ) {
    let operation = graph[identifier]
    let name = "operation \(identifier.index) \(operation.name)"
    use(operation.operands, by: name)
    for inner in operation.regions { checkOwner(inner, identifier) }
    if operation.results.isEmpty { note(name, "has no results") }
    if !graph.scopes.indices.contains(operation.annotation.scope) {
      note(name, "stands in a scope that does not exist")
    }
    for (position, result) in operation.results.enumerated() {
      define(result, .result(identifier, position), in: region, name, &own)
    }
  }

  private mutating func checkOwner(_ region: Graph.RegionID, _ operation: Graph.OperationID) {
    guard isVisited.indices.contains(Int(region.index)), !isVisited[Int(region.index)] else {
      return note("region \(region.index)", "does not exist, or has two owners")
    }
    isVisited[Int(region.index)] = true
    if graph[region].owner != operation { note("region \(region.index)", "does not know its owner") }
    check(region)
  }

  private mutating func define(
    _ value: Graph.Value, _ definition: Graph.Definition, in region: Graph.RegionID, _ definer: String,
    _ own: inout [Graph.Value]
  ) {
    guard isDefined.indices.contains(Int(value.index)) else {
      return note(definer, "defines value \(value.index), which does not exist")
    }
    if graph[value].definition != definition || graph[value].region != region {
      note(definer, "value \(value.index) does not know its definition")
    }
    isDefined[Int(value.index)] = true
    own.append(value)
  }

  private mutating func use(_ values: [Graph.Value], by user: String) {
    for value in values where !isDefined.indices.contains(Int(value.index)) || !isDefined[Int(value.index)] {
      note(user, "reads value \(value.index), which is not defined before it or not visible")
    }
  }

  /// Parents come first, so that a path of scopes ends.
  mutating func checkScopes() {
    for (index, scope) in graph.scopes.enumerated() where !(scope.parent.map { (0..<index).contains($0) } ?? true) {
      note("scope \(scope.name)", "stands in a scope that is not before it")
    }
  }

  mutating func checkRoles() {
    let (parameters, results) = (graph.parameters, graph.results)
    if graph.parameterRoles.count != parameters.count || graph.resultRoles.count != results.count {
      return note("graph \(graph.name)", "\(graph.parameterRoles.count) roles for \(parameters.count) parameters")
    }
    guard violations.isEmpty else { return }
    var replaced: Set<Int> = []
    for (result, role) in zip(results, graph.resultRoles) {
      guard let position = role.updatedParameter else { continue }
      guard parameters.indices.contains(position), replaced.insert(position).inserted,
        graph.type(of: parameters[position]) == graph.type(of: result)
      else {
        note("result \(role.name)", "updates a parameter that does not exist, has another type or is updated already")
        continue
      }
    }
  }
}
