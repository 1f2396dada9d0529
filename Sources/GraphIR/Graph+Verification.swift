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
  /// - Ids point into the arrays, and values know the operation or region that defines them.
  /// - Parameters and results of the body have their roles.
  public func violations() -> [GraphViolation] {
    var checker = GraphChecker(graph: self)
    checker.check(Graph.body)
    if parameterRoles.count != parameters.count || resultRoles.count != results.count {
      checker.note("graph \(name)", "\(parameterRoles.count) roles for \(parameters.count) parameters")
    }
    return checker.violations
  }
}

private struct GraphChecker {
  let graph: Graph
  var isDefined: [Bool]
  var violations: [GraphViolation] = []

  init(graph: Graph) {
    self.graph = graph
    isDefined = Array(repeating: false, count: graph.values.count)
  }

  mutating func note(_ operation: String, _ problem: String) {
    violations.append(GraphViolation(operation: operation, problem: problem))
  }

  mutating func check(_ region: Graph.RegionID) {
    var own = graph[region].parameters
    for value in own { isDefined[Int(value.index)] = true }
    for identifier in graph[region].operations {
      let operation = graph[identifier]
      use(operation.operands, by: "operation \(identifier.index) \(operation.name)")
      for inner in operation.regions { checkOwner(inner, identifier) }
      for (position, result) in operation.results.enumerated() {
        if graph[result].definition != .result(identifier, position) || graph[result].region != region {
          note("operation \(identifier.index) \(operation.name)", "result \(position) does not know its definition")
        }
        isDefined[Int(result.index)] = true
        own.append(result)
      }
    }
    use(graph[region].results, by: "results of region \(region.index)")
    // Values of a finished region are not visible after it.
    for value in own { isDefined[Int(value.index)] = false }
  }

  private mutating func checkOwner(_ region: Graph.RegionID, _ operation: Graph.OperationID) {
    if graph[region].owner != operation { note("region \(region.index)", "does not know its owner") }
    check(region)
  }

  private mutating func use(_ values: [Graph.Value], by user: String) {
    for value in values where Int(value.index) >= isDefined.count || !isDefined[Int(value.index)] {
      note(user, "reads value \(value.index), which is not defined before it or not visible")
    }
  }
}
