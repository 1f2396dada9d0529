/// Buffers that are to share one arena.
public struct MemoryProblem: Sendable, Hashable {
  public var buffers: [Buffer]

  /// What every offset must be a multiple of, in bytes; a power of two.
  public var alignment: Int

  public init(buffers: [Buffer], alignment: Int = 64) {
    precondition(
      alignment > 0 && alignment & (alignment - 1) == 0,
      "alignment must be a power of two, got \(alignment)")
    self.buffers = buffers
    self.alignment = alignment
  }

  /// Largest sum over all positions of the exact sizes of the live buffers.
  ///
  /// No plan can have a smaller arena.
  public var lowerBoundByteCount: Int { peak.byteCount }

  /// First position at which the lower bound is reached; zero without buffers.
  public var peakPosition: Int { peak.position }

  /// Buffers whose contents are needed at a position, in the order of `buffers`.
  public func liveBuffers(at position: Int) -> [Buffer] {
    buffers.filter { $0.isLive(at: position) }
  }

  /// Bytes of the live buffers at each position from 0 up to a length.
  ///
  /// - Parameter counts: whether a buffer counts, by its number.
  public func liveByteCounts(length: Int, counting counts: (Int) -> Bool = { _ in true }) -> [Int] {
    var changes = Array(repeating: 0, count: length + 1)
    for buffer in buffers where counts(buffer.id) {
      for interval in buffer.intervals {
        changes[min(interval.lowerBound, length)] += buffer.byteCount
        changes[min(interval.upperBound, length)] -= buffer.byteCount
      }
    }
    var live = 0
    return changes.dropLast().map { change in
      live += change
      return live
    }
  }

  private struct Change {
    var position: Int
    var byteCount: Int
  }

  private var peak: Change {
    var changes: [Change] = []
    for buffer in buffers where buffer.byteCount > 0 {
      for interval in buffer.intervals {
        changes.append(Change(position: interval.lowerBound, byteCount: buffer.byteCount))
        changes.append(Change(position: interval.upperBound, byteCount: -buffer.byteCount))
      }
    }
    // Deaths first: at the position where an interval ends its buffer is already dead.
    changes.sort { ($0.position, $0.byteCount) < ($1.position, $1.byteCount) }
    var live = 0
    var best = Change(position: 0, byteCount: 0)
    for change in changes {
      live += change.byteCount
      if live > best.byteCount { best = Change(position: change.position, byteCount: live) }
    }
    return best
  }
}
