import GraphIR

extension Graph {
  /// Values that the forward part computes and the backward part reads: what a gradient mode stores.
  ///
  /// Parameters are none, they are there anyway; movements and constants count as what they move.
  public func residuals() -> Set<Value> {
    var found: Set<Value> = []
    forEachOperation { identifier, _ in
      guard [.backward, .recompute].contains(self[identifier].annotation.role) else { return }
      for value in self[identifier].operands { found.formUnion(forwardSources(value)) }
    }
    return found
  }

  public var residualByteCount: Int { residuals().reduce(0) { $0 + type(of: $1).byteCount } }

  private func forwardSources(_ value: Value) -> [Value] {
    guard let identifier = definingOperation(of: value) else { return [] }
    let operation = self[identifier]
    let isMoved = [.movement, .constant, .control].contains(operation.used.kind) && operation.regions.isEmpty
    if isMoved { return operation.operands.prefix(1).flatMap(forwardSources) }
    return [.forward, .detached].contains(operation.annotation.role) ? [value] : []
  }
}
