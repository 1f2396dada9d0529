/// A rule of memory planning that a plan breaks; buffers are given by their place in the problem.
public enum PlanViolation: Sendable, Hashable {
  case countMismatch(needed: Int, found: Int)
  case negativeOffset(buffer: Int, offset: Int)
  case misalignedOffset(buffer: Int, offset: Int, alignment: Int)
  case overlap(first: Int, second: Int)
  case arenaTooSmall(needed: Int, found: Int)
  case arenaTooLarge(needed: Int, found: Int)
  case wrongLowerBound(needed: Int, found: Int)
}

extension PlanViolation: CustomStringConvertible {
  public var description: String {
    switch self {
    case .countMismatch(let needed, let found):
      "plan: one offset per buffer is needed, got \(found) offsets for \(needed) buffers"
    case .negativeOffset(let buffer, let offset):
      "buffer at \(buffer): offset must not be negative, got \(offset)"
    case .misalignedOffset(let buffer, let offset, let alignment):
      "buffer at \(buffer): offset must be a multiple of \(alignment), got \(offset)"
    case .overlap(let first, let second):
      "buffers at \(first) and \(second): live at one position, their bytes must not overlap"
    case .arenaTooSmall(let needed, let found):
      "arena: \(needed) bytes are needed, got \(found)"
    case .arenaTooLarge(let needed, let found):
      "arena: only \(needed) bytes are used, got \(found)"
    case .wrongLowerBound(let needed, let found):
      "lower bound: \(needed) bytes are live at the peak, got \(found)"
    }
  }
}

extension MemoryPlan {
  /// Every rule that the plan breaks; empty for a valid plan.
  ///
  /// Shares nothing with the planner, so that neither hides a mistake of the other.
  public func validate(against problem: MemoryProblem) -> [PlanViolation] {
    let count = problem.buffers.count
    guard offsets.count == count else { return [.countMismatch(needed: count, found: offsets.count)] }
    return offsetViolations(problem) + overlapViolations(problem) + sizeViolations(problem)
  }

  private func offsetViolations(_ problem: MemoryProblem) -> [PlanViolation] {
    var violations: [PlanViolation] = []
    for (index, offset) in offsets.enumerated() {
      if offset < 0 { violations.append(.negativeOffset(buffer: index, offset: offset)) }
      if !offset.isMultiple(of: problem.alignment) {
        violations.append(
          .misalignedOffset(buffer: index, offset: offset, alignment: problem.alignment))
      }
    }
    return violations
  }

  /// All pairs are compared only where some overlap, to name every one.
  private func overlapViolations(_ problem: MemoryProblem) -> [PlanViolation] {
    hasOverlap(problem) ? overlappingPairs(problem) : []
  }

  /// Walks the schedule once with the live buffers in order of their offsets: as long as none overlap, a buffer that comes
  /// to life can overlap its neighbours only.
  private func hasOverlap(_ problem: MemoryProblem) -> Bool {
    // Deaths first: at the position where an interval ends its buffer is already dead.
    let changes = problem.buffers.indices.filter { problem.buffers[$0].byteCount > 0 }.flatMap { buffer in
      problem.buffers[buffer].intervals.flatMap { [($0.lowerBound, 1, buffer), ($0.upperBound, 0, buffer)] }
    }
    var live: [Int] = []
    for (_, isBirth, buffer) in changes.sorted(by: <) {
      let place = firstPlace(in: live, notBelow: offsets[buffer])
      if isBirth == 0 {
        live.remove(at: place)
        continue
      }
      let neighbours = live[max(place - 1, 0)..<min(place + 1, live.count)]
      if neighbours.contains(where: { sharesBytes($0, buffer, problem) }) { return true }
      live.insert(buffer, at: place)
    }
    return false
  }

  private func firstPlace(in live: [Int], notBelow offset: Int) -> Int {
    var range = 0..<live.count
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      range = offsets[live[middle]] < offset ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }

  private func overlappingPairs(_ problem: MemoryProblem) -> [PlanViolation] {
    var violations: [PlanViolation] = []
    for second in offsets.indices {
      for first in 0..<second where sharesBytes(first, second, problem) {
        if areLiveTogether(problem.buffers[first], problem.buffers[second]) {
          violations.append(.overlap(first: first, second: second))
        }
      }
    }
    return violations
  }

  private func sharesBytes(_ first: Int, _ second: Int, _ problem: MemoryProblem) -> Bool {
    let start = max(offsets[first], offsets[second])
    let end = min(
      offsets[first] + problem.buffers[first].byteCount,
      offsets[second] + problem.buffers[second].byteCount)
    return start < end
  }

  private func areLiveTogether(_ first: Buffer, _ second: Buffer) -> Bool {
    first.intervals.contains { interval in second.intervals.contains { $0.overlaps(interval) } }
  }

  private func sizeViolations(_ problem: MemoryProblem) -> [PlanViolation] {
    var violations: [PlanViolation] = []
    let needed = offsets.indices.reduce(0) { max($0, offsets[$1] + problem.buffers[$1].byteCount) }
    if arenaByteCount < needed {
      violations.append(.arenaTooSmall(needed: needed, found: arenaByteCount))
    }
    if arenaByteCount > needed {
      violations.append(.arenaTooLarge(needed: needed, found: arenaByteCount))
    }
    let bound = largestLiveByteCount(problem)
    if lowerBoundByteCount != bound {
      violations.append(.wrongLowerBound(needed: bound, found: lowerBoundByteCount))
    }
    return violations
  }

  private func largestLiveByteCount(_ problem: MemoryProblem) -> Int {
    var changes: [Int: Int] = [:]
    for buffer in problem.buffers {
      for interval in buffer.intervals {
        changes[interval.lowerBound, default: 0] += buffer.byteCount
        changes[interval.upperBound, default: 0] -= buffer.byteCount
      }
    }
    var (live, largest) = (0, 0)
    for (_, change) in changes.sorted(by: { $0.key < $1.key }) {
      live += change
      largest = max(largest, live)
    }
    return largest
  }
}
