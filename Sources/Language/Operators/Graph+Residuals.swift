import GraphIR

extension Graph {
  /// Values that the forward part computes and the backward part reads: what a gradient mode stores.
  ///
  /// Parameters are none, they are there anyway; movements and constants count as what they move.
  public func residuals() -> Set<Value> {
    var found: Set<Value> = []
    forEachOperation { identifier, _ in
      guard [.backward, .recompute].contains(self[identifier].annotation.role) else { return }
      found.formUnion(self[identifier].operands.compactMap(forwardSource))
    }
    return found
  }

  /// Bytes of all residuals.
  public var residualByteCount: Int { residuals().reduce(0) { $0 + type(of: $1).byteCount } }

  /// The value behind movement, if the forward part computes it.
  private func forwardSource(_ value: Value) -> Value? {
    var current = value
    while let identifier = definingOperation(of: current) {
      let operation = self[identifier]
      let kind = operation.used.kind
      let isConstant = kind == .constant && operation.operands.isEmpty
      let isMoved = isConstant || ([.movement, .control].contains(kind) && operation.regions.isEmpty)
      if !isMoved { return [.forward, .detached].contains(operation.annotation.role) ? current : nil }
      guard let operand = operation.operands.first else { return nil }
      current = operand
    }
    return nil
  }
}
