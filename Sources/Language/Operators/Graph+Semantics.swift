import GraphIR
import TensorTypes

extension Graph.Operation {
  /// The operator that the operation uses.
  public var used: Operator { OperatorTable.operator(name) }
}

extension Graph {
  /// The types and attributes of an operation, as its operator's rules see them.
  public func signature(of operation: Operation) -> OperationSignature {
    var signature = OperationSignature(
      operands: operation.operands.map { type(of: $0) }, attributes: operation.attributes)
    signature.results = operation.results.map { type(of: $0) }
    signature.regions = operation.regions.map { region in
      OperationSignature.RegionSignature(
        parameters: self[region].parameters.map { type(of: $0) }, results: self[region].results.map { type(of: $0) })
    }
    return signature
  }

  /// Arithmetic operations for each element of an operation's result, nothing where it is no loop nest's.
  public func elementFlops(of operation: Operation) -> Int {
    guard case .primitive(_, let lower, _) = operation.used.semantics,
      case .map(let expression) = lower(signature(of: operation))
    else { return 0 }
    return expression.flops
  }

  /// Of one tensor: far more than any memory has, so that a plan can say how much is needed.
  private static let mostBytes = 1 << 60
  private static let mostBytesOfAll = Double(1 << 62 as Int)

  /// - Throws: `GraphViolations` with everything that keeps the graph from being compiled.
  public func verify() throws {
    let found = allViolations()
    if !found.isEmpty { throw GraphViolations(graph: name, violations: found) }
  }

  /// Structural violations; where there are none, those of names, types and sizes. Empty for a graph that can be compiled.
  public func allViolations() -> [GraphViolation] {
    let structural = violations()
    if !structural.isEmpty { return structural }
    let found = parameterViolations() + typeViolations()
    return found.isEmpty ? sizeViolations() : found
  }

  private func parameterViolations() -> [GraphViolation] {
    let tooLarge = zip(parameters, parameterRoles).compactMap { value, role in
      type(of: value).problem(mostBytes: Self.mostBytes).map {
        GraphViolation(operation: "\(role.rawValue) \(self[value].name ?? "\(value.index)")", problem: $0)
      }
    }
    let taken = nameCollisions(amongResults: false).map { collision in
      let text = NameCollision.text(collision.name, kind(of: collision.second), takenBy: kind(of: collision.first), "")
      return GraphViolation(operation: "graph \(name)", problem: text)
    }
    return tooLarge + taken
  }

  private func typeViolations() -> [GraphViolation] {
    var found: [GraphViolation] = []
    forEachOperation { identifier, _ in
      let operation = self[identifier]
      if let problem = typeProblem(operation) {
        found.append(GraphViolation(operation: operation.name, problem: problem))
      }
    }
    return found
  }

  private func typeProblem(_ operation: Operation) -> String? {
    guard let used = OperatorTable.find(operation.name) else { return "no such operator" }
    do {
      let types = try used.types(of: signature(of: operation), mostBytes: Self.mostBytes)
      return types == operation.results.map { type(of: $0) } ? nil : "results should be \(types)"
    } catch { return "\(error)" }
  }

  /// Sums of sizes, such as places in memory, stay within 64 bits.
  private func sizeViolations() -> [GraphViolation] {
    let byteCount = values.reduce(0.0) { $0 + Double($1.type.byteCount) }
    if byteCount <= Self.mostBytesOfAll { return [] }
    return [GraphViolation(operation: "graph \(name)", problem: "its values have more than 2^62 bytes")]
  }
}
