import GraphIR
import Operators

extension Graph {
  /// Whether an operation, or one in its regions, reads one of the values.
  func reads(_ identifier: OperationID, anyOf values: [Value]) -> Bool {
    if self[identifier].operands.contains(where: values.contains) { return true }
    return self[identifier].regions.contains { region in
      self[region].results.contains(where: values.contains)
        || self[region].operations.contains { reads($0, anyOf: values) }
    }
  }

  /// Whether anything in a region, or in the regions inside it, reads a value.
  func reads(_ value: Value, in region: RegionID) -> Bool {
    self[region].results.contains(value) || self[region].operations.contains { reads($0, anyOf: [value]) }
  }

  /// Replaces values wherever a region and the regions inside it read them.
  mutating func replaceUses(in region: RegionID, _ replacements: [Value: Value]) {
    if replacements.isEmpty { return }
    for identifier in self[region].operations {
      for (position, operand) in self[identifier].operands.enumerated() {
        if let replacement = replacements[operand] { self[identifier].operands[position] = replacement }
      }
      for inner in self[identifier].regions { replaceUses(in: inner, replacements) }
    }
    self[region].results = self[region].results.map { replacements[$0] ?? $0 }
  }

  /// Drops operations of a region whose results nothing reads, last to first.
  mutating func removeDeadOperations(in region: RegionID) {
    var isRead = Set(self[region].results)
    var kept: [OperationID] = []
    for identifier in self[region].operations.reversed() where self[identifier].results.contains(where: isRead.contains)
    {
      isRead.formUnion(self[identifier].operands)
      for inner in self[identifier].regions { isRead.formUnion(capturedValues(of: inner)) }
      kept.append(identifier)
    }
    self[region].operations = kept.reversed()
  }
}
