extension Graph {
  /// Every operation reachable from the body, in order, regions before the operations that own them.
  ///
  /// Recursion follows the nesting of regions only, never chains of operations.
  public func forEachOperation(
    in region: RegionID = Graph.body, _ visit: (OperationID, RegionID) -> Void
  ) {
    for identifier in self[region].operations {
      for inner in self[identifier].regions { forEachOperation(in: inner, visit) }
      visit(identifier, region)
    }
  }

  /// How often each value is read, by operations and as a result of a region.
  public func useCounts() -> [Int] {
    var counts = Array(repeating: 0, count: values.count)
    forEachOperation { identifier, _ in
      for operand in self[identifier].operands { counts[Int(operand.index)] += 1 }
      for region in self[identifier].regions {
        for result in self[region].results { counts[Int(result.index)] += 1 }
      }
    }
    for result in results { counts[Int(result.index)] += 1 }
    return counts
  }

  /// Whether a region is, or lies inside, another one.
  public func isRegion(_ region: RegionID, inside outer: RegionID) -> Bool {
    var current = region
    while current != outer {
      guard let owner = self[current].owner, let parent = parentRegion(of: owner) else { return false }
      current = parent
    }
    return true
  }

  /// The region that an operation stands in, known through its results; nil for an operation without results.
  public func parentRegion(of operation: OperationID) -> RegionID? {
    self[operation].results.first.map { self[$0].region }
  }

  /// Values from outside that a region and the regions inside it read, each once, in order of first use.
  public func capturedValues(of region: RegionID) -> [Value] {
    var seen: Set<Value> = []
    var captured: [Value] = []
    func note(_ value: Value) {
      if !isRegion(self[value].region, inside: region), seen.insert(value).inserted { captured.append(value) }
    }
    forEachOperation(in: region) { identifier, _ in
      self[identifier].operands.forEach(note)
      for inner in self[identifier].regions { self[inner].results.forEach(note) }
    }
    self[region].results.forEach(note)
    return captured
  }
}
