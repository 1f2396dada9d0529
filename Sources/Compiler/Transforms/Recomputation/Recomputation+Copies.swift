import GraphIR
import Operators

/// What takes the place of values that are not kept.
extension Recomputation {
  /// The first operation of the gradient that computes what an operation of the forward part does, by the same operations.
  func twin(of operation: Graph.Operation) -> Reader? {
    guard operation.used.kind == .elementwise, !Self.isBackward(operation) else { return nil }
    let alike = operation.operands.map { operand in
      [operand] + (repeatable(operand).flatMap { twins[$0] }.map { graph[$0.operation].results } ?? [])
    }
    let candidates = alike.map { $0.flatMap { readers[$0, default: []] } }.min { $0.count < $1.count } ?? []
    return candidates.filter { reader in
      let other = graph[reader.operation]
      return reader.isBackward && other.name == operation.name && other.attributes == operation.attributes
        && zip(other.operands, alike).allSatisfy { $1.contains($0) }
    }.min { $0.position < $1.position }
  }

  /// The result of a chain whose operations are copied to before a position, unless the gradient has computed theirs by then.
  ///
  /// The copies come ahead of those that are there, which may read the last one's result, and stand for what would compute the
  /// same later.
  mutating func computed(_ chain: [Graph.OperationID], before position: Int) -> Graph.Value {
    var replacements: [Graph.Value: Graph.Value] = [:]
    var new: [Graph.OperationID] = []
    for identifier in chain {
      let own: Graph.OperationID
      if let twin = twins[identifier], twin.position < position {
        own = twin.operation
      } else {
        own = copy(identifier, replacements)
        new.append(own)
        for operand in Set(graph[own].operands) {
          readers[operand, default: []].append(Reader(position: position, operation: own, isBackward: true))
        }
        replaceTwin(of: identifier, by: own, at: position)
      }
      for (old, result) in zip(graph[identifier].results, graph[own].results) { replacements[old] = result }
    }
    copies[position] = new + copies[position, default: []]
    guard let result = chain.last.flatMap({ replacements[graph[$0].results[0]] }) else {
      preconditionFailure("a chain ends with a value")
    }
    return result
  }

  private mutating func copy(
    _ identifier: Graph.OperationID, _ replacements: [Graph.Value: Graph.Value]
  ) -> Graph.OperationID {
    let operation = graph[identifier]
    var annotation = operation.annotation
    annotation.role = .recompute
    let copy = graph.append(
      operation.name, operation.operands.map { replacements[$0] ?? $0 }, attributes: operation.attributes,
      resultTypes: operation.results.map { graph.type(of: $0) }, annotation: annotation, to: region)
    graph[region].operations.removeLast()
    return copy
  }

  /// Puts an operation in the place of an equal one of the gradient, which nothing reads then.
  private mutating func replaceTwin(of identifier: Graph.OperationID, by own: Graph.OperationID, at position: Int) {
    guard let twin = twins[identifier] else { return }
    for (old, result) in zip(graph[twin.operation].results, graph[own].results) {
      replaceReads(of: old, by: result) { _ in true }
      graph[region].results = graph[region].results.map { $0 == old ? result : $0 }
    }
    for operand in Set(graph[twin.operation].operands) {
      readers[operand]?.removeAll { $0.operation == twin.operation }
    }
    twins[identifier] = Reader(position: position, operation: own, isBackward: true)
  }

  mutating func replaceReads(
    of value: Graph.Value, by copy: Graph.Value, where isReplaced: (Reader) -> Bool
  ) {
    let replaced = readers[value, default: []].filter(isReplaced)
    readers[value]?.removeAll(where: isReplaced)
    readers[copy, default: []] += replaced
    for reader in replaced { graph.replaceUses(by: reader.operation, [value: copy]) }
  }
}
