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

  /// Structural and typing violations; empty for a graph that can be compiled.
  public func allViolations() -> [GraphViolation] {
    var found = violations()
    forEachOperation { identifier, _ in
      let operation = self[identifier]
      guard let used = OperatorTable.find(operation.name) else {
        found.append(GraphViolation(operation: operation.name, problem: "no such operator"))
        return
      }
      do {
        let types = try used.type(signature(of: operation))
        if types != operation.results.map({ type(of: $0) }) {
          found.append(GraphViolation(operation: operation.name, problem: "results should be \(types)"))
        }
      } catch {
        found.append(GraphViolation(operation: operation.name, problem: "\(error)"))
      }
    }
    return found
  }
}
