extension Graph {
  /// Replaces values wherever a region and the regions inside it read them.
  public mutating func replaceUses(in region: RegionID, _ replacements: [Value: Value]) {
    if replacements.isEmpty { return }
    for identifier in self[region].operations { replaceUses(by: identifier, replacements) }
    self[region].results = self[region].results.map { replacements[$0] ?? $0 }
  }

  /// Replaces values wherever an operation, or one in its regions, reads them.
  public mutating func replaceUses(by identifier: OperationID, _ replacements: [Value: Value]) {
    for (position, operand) in self[identifier].operands.enumerated() {
      if let replacement = replacements[operand] { self[identifier].operands[position] = replacement }
    }
    for inner in self[identifier].regions { replaceUses(in: inner, replacements) }
  }
}
