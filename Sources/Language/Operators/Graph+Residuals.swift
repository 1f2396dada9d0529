import GraphIR

extension Graph {
  /// Values that the forward part computes and the backward part reads: what a gradient mode stores.
  ///
  /// Parameters are none, they are there anyway; movements and constants count as what they move.
  public func residuals() -> Set<Value> {
    var (found, seen, open): (Set<Value>, Set<Value>, [Value]) = ([], [], [])
    forEachOperation { identifier, _ in
      if [.backward, .recompute].contains(self[identifier].annotation.role) { open += self[identifier].operands }
    }
    // Movement of movement may be long, and may read one value many times.
    while let value = open.popLast() {
      guard let identifier = definingOperation(of: value), seen.insert(value).inserted else { continue }
      if let moved = movedValues(self[identifier]) {
        open += moved
      } else if [.forward, .detached].contains(self[identifier].annotation.role) {
        found.insert(value)
      }
    }
    return found
  }

  /// Bytes of all residuals.
  public var residualByteCount: Int { residuals().reduce(0) { $0 + type(of: $1).byteCount } }

  /// What an operation moves, nothing for a constant; of what waits for something else, what waits. Nil for one that computes.
  private func movedValues(_ operation: Operation) -> [Value]? {
    switch operation.used.kind {
    case .constant: operation.operands.isEmpty ? [] : nil
    case .movement: operation.regions.isEmpty ? operation.operands : nil
    case .control: operation.regions.isEmpty ? Array(operation.operands.prefix(1)) : nil
    default: nil
    }
  }
}
