/// One address for every buffer of a problem.
public struct MemoryPlan: Sendable, Hashable {
  /// Byte offsets into the arena, in the order of the problem's buffers.
  public var offsets: [Int]

  /// Largest end of a buffer: offset plus exact size, not rounded up.
  public var arenaByteCount: Int

  /// Lower bound of the problem; equal to the arena when the plan is proven optimal.
  public var lowerBoundByteCount: Int

  /// Heuristic or search that found the offsets.
  public var method: String

  public init(offsets: [Int], arenaByteCount: Int, lowerBoundByteCount: Int, method: String) {
    self.offsets = offsets
    self.arenaByteCount = arenaByteCount
    self.lowerBoundByteCount = lowerBoundByteCount
    self.method = method
  }

  /// A plan with the given offsets and the smallest arena that holds them.
  public init(offsets: [Int], for problem: MemoryProblem, method: String) {
    let ends = zip(offsets, problem.buffers).map { $0 + $1.byteCount }
    self.init(
      offsets: offsets, arenaByteCount: ends.max() ?? 0,
      lowerBoundByteCount: problem.lowerBoundByteCount, method: method)
  }
}
