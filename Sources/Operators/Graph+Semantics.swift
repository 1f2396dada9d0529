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

  /// Of one tensor: far more than any memory has, so that a plan can say how much is needed.
  private static let mostBytes = 1 << 60
  private static let mostBytesOfAll = Double(1 << 62 as Int)

  /// - Throws: `GraphViolations` with everything that keeps the graph from being compiled.
  public func verify() throws {
    let found = allViolations()
    if !found.isEmpty { throw GraphViolations(graph: name, violations: found) }
  }

  /// Structural violations, or those of types where the structure is sound; empty for a graph that can be compiled.
  public func allViolations() -> [GraphViolation] {
    var found = violations()
    if !found.isEmpty { return found }
    for (value, role) in zip(parameters, parameterRoles) {
      guard let problem = type(of: value).problem(mostBytes: Self.mostBytes) else { continue }
      let name = "\(role.rawValue) \(self[value].name ?? "\(value.index)")"
      found.append(GraphViolation(operation: name, problem: problem))
    }
    for collision in nameCollisions(amongResults: false) {
      let text = NameCollision.text(collision.name, kind(of: collision.second), takenBy: kind(of: collision.first), "")
      found.append(GraphViolation(operation: "graph \(name)", problem: text))
    }
    forEachOperation { identifier, _ in
      let operation = self[identifier]
      guard let used = OperatorTable.find(operation.name) else {
        found.append(GraphViolation(operation: operation.name, problem: "no such operator"))
        return
      }
      do {
        let types = try used.types(of: signature(of: operation), mostBytes: Self.mostBytes)
        if types != operation.results.map({ type(of: $0) }) {
          found.append(GraphViolation(operation: operation.name, problem: "results should be \(types)"))
        }
      } catch {
        found.append(GraphViolation(operation: operation.name, problem: "\(error)"))
      }
    }
    // Sums of sizes, such as places in memory, stay within 64 bits.
    let byteCount = values.reduce(0.0) { $0 + Double($1.type.byteCount) }
    if found.isEmpty && byteCount > Self.mostBytesOfAll {
      found.append(GraphViolation(operation: "graph \(name)", problem: "its values have more than 2^62 bytes"))
    }
    return found
  }
}
