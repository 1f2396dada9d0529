import GraphIR

/// What each pass of a pipeline did.
public struct PassLog: Sendable {
  public private(set) var entries: [Entry] = []

  /// One pass: its name, operations before and after, and its time.
  public struct Entry: Sendable {
    public var pass: String
    public var operationsBefore: Int
    public var operationsAfter: Int
    public var isChanged: Bool
    public var seconds: Double
  }

  public init() {}

  mutating func note(_ pass: Pass, from old: Graph, to new: Graph, duration: Duration) {
    let (before, after) = (old.operationCount, new.operationCount)
    entries.append(
      Entry(
        pass: pass.name, operationsBefore: before, operationsAfter: after,
        isChanged: before != after || old != new, seconds: duration / .seconds(1)))
  }

  /// One line per pass: `simplification: 120 -> 96 operations`, or `(unchanged)`.
  public var text: String {
    entries.map { entry in
      entry.isChanged
        ? "\(entry.pass): \(entry.operationsBefore) -> \(entry.operationsAfter) operations"
        : "\(entry.pass): (unchanged)"
    }.joined(separator: "\n")
  }
}

extension Graph {
  /// Operations reachable from the body, those in regions included.
  public var operationCount: Int {
    var count = 0
    forEachOperation { _, _ in count += 1 }
    return count
  }
}
