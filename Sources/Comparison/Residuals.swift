import GraphIR
import Operators

extension Graph {
  /// Bytes of the values that the forward part computes and the backward part reads: what a gradient mode stores.
  ///
  /// Parameters are not counted, they are there anyway; movements and constants are counted as what they move.
  public var residualByteCount: Int {
    var residuals: Set<Value> = []
    for identifier in self[Graph.body].operations {
      let operation = self[identifier]
      guard [.backward, .recompute].contains(operation.annotation.role) else { continue }
      let read = operation.operands + operation.regions.flatMap { capturedValues(of: $0) }
      for value in read { residuals.formUnion(forwardSources(value)) }
    }
    return residuals.reduce(0) { $0 + type(of: $1).byteCount }
  }

  private func forwardSources(_ value: Value) -> [Value] {
    guard let identifier = definingOperation(of: value) else { return [] }
    let operation = self[identifier]
    let isMoved = [.movement, .constant].contains(operation.used.kind) || isView(operation)
    if isMoved { return operation.operands.prefix(1).flatMap(forwardSources) }
    return [.forward, .detached].contains(operation.annotation.role) ? [value] : []
  }

  private func isView(_ operation: Operation) -> Bool {
    guard case .primitive(_, let lower) = operation.used.semantics, case .view = lower(signature(of: operation)) else {
      return false
    }
    return true
  }
}
