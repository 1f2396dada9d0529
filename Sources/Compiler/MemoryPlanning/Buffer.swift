/// A block of memory and the schedule positions at which its contents are needed.
public struct Buffer: Sendable, Hashable {
  public var id: Int

  /// Exact size, not rounded to any alignment.
  ///
  /// A buffer of zero bytes needs no memory.
  public var byteCount: Int

  /// Liveness intervals: half-open, non-empty, sorted and disjoint.
  ///
  /// Between two intervals the contents are dead and other buffers may use the memory.
  public var intervals: [Range<Int>]

  public var name: String

  public init(id: Int, byteCount: Int, intervals: [Range<Int>], name: String? = nil) {
    precondition(byteCount >= 0, "buffer \(id): byteCount must not be negative, got \(byteCount)")
    precondition(
      intervals.allSatisfy { !$0.isEmpty }
        && zip(intervals, intervals.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound },
      "buffer \(id): intervals must be non-empty, sorted and disjoint, got \(intervals)")
    self.id = id
    self.byteCount = byteCount
    self.intervals = intervals
    self.name = name ?? String(id)
  }

  /// Whether the contents are needed at a schedule position.
  public func isLive(at position: Int) -> Bool {
    intervals.contains { $0.contains(position) }
  }
}
