import GraphIR

extension Graph {
  /// Values that the forward part computes and the backward part reads: what a gradient mode stores.
  ///
  /// Parameters are none, they are there anyway; movements and constants count as what they move.
  public func residuals() -> Set<Value> {
    var (found, seen): (Set<Value>, Set<Value>) = ([], [])
    forEachOperation { identifier, _ in
      guard [.backward, .recompute].contains(self[identifier].annotation.role) else { return }
      for operand in self[identifier].operands { addForwardSources(of: operand, to: &found, &seen) }
    }
    return found
  }

  /// Bytes of all residuals.
  public var residualByteCount: Int { residuals().reduce(0) { $0 + type(of: $1).byteCount } }

  /// The values behind movement that the forward part computes; of what waits for something else, what waits.
  ///
  /// - Parameter seen: values that have been followed; movement of movement may read one many times.
  private func addForwardSources(of value: Value, to found: inout Set<Value>, _ seen: inout Set<Value>) {
    guard let identifier = definingOperation(of: value), seen.insert(value).inserted else { return }
    let operation = self[identifier]
    let kind = operation.used.kind
    if kind == .constant && operation.operands.isEmpty { return }
    guard [.movement, .control].contains(kind), operation.regions.isEmpty else {
      if [.forward, .detached].contains(operation.annotation.role) { found.insert(value) }
      return
    }
    for operand in kind == .movement ? operation.operands[...] : operation.operands.prefix(1) {
      addForwardSources(of: operand, to: &found, &seen)
    }
  }
}
