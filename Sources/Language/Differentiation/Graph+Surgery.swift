import GraphIR
import Operators

extension Graph {
  /// Whether an operation, or one in its regions, reads a value.
  private func reads(_ identifier: OperationID, _ value: Value) -> Bool {
    self[identifier].operands.contains(value) || self[identifier].regions.contains { reads(value, in: $0) }
  }

  /// Whether anything in a region, or in the regions inside it, reads a value.
  func reads(_ value: Value, in region: RegionID) -> Bool {
    self[region].results.contains(value) || self[region].operations.contains { reads($0, value) }
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
