import MemoryPlanning
import Testing

struct ValidationTests {
  @Test(arguments: 0..<8)
  func catchesEveryOverlap(seed: UInt64) {
    let problem = MemoryProblem.random(
      count: 24, positions: 16, largestByteCount: 900, alignment: 64, seed: seed)
    let plan = MemoryPlanner(searchNodeLimit: 50).plan(problem)
    #expect(plan.validate(against: problem) == [])
    for second in problem.buffers.indices {
      for first in 0..<second where problem.conflict(first, second) {
        var mutated = plan
        mutated.offsets[second] = plan.offsets[first]
        let violations = mutated.validate(against: problem)
        #expect(violations.contains(.overlap(first: first, second: second)))
      }
    }
  }

  @Test(arguments: 0..<8)
  func catchesEveryOtherMutation(seed: UInt64) {
    let problem = MemoryProblem.random(
      count: 20, positions: 16, largestByteCount: 900, alignment: 64, seed: seed)
    let plan = MemoryPlanner(searchNodeLimit: 50).plan(problem)
    let arena = plan.arenaByteCount
    for index in problem.buffers.indices {
      var mutated = plan
      mutated.offsets[index] += 8
      let offset = mutated.offsets[index]
      #expect(
        mutated.validate(against: problem)
          .contains(.misalignedOffset(buffer: index, offset: offset, alignment: 64)))
      mutated.offsets[index] = -64
      #expect(mutated.validate(against: problem).contains(.negativeOffset(buffer: index, offset: -64)))
    }
    for change in [-64, -1, 1, 64] {
      var mutated = plan
      mutated.arenaByteCount += change
      let expected: PlanViolation =
        change < 0
        ? .arenaTooSmall(needed: arena, found: arena + change)
        : .arenaTooLarge(needed: arena, found: arena + change)
      #expect(mutated.validate(against: problem) == [expected])
    }
    var mutated = plan
    mutated.lowerBoundByteCount -= 1
    let bound = problem.lowerBoundByteCount
    #expect(mutated.validate(against: problem) == [.wrongLowerBound(needed: bound, found: bound - 1)])
    mutated.offsets.removeLast()
    #expect(mutated.validate(against: problem) == [.countMismatch(needed: 20, found: 19)])
  }

  @Test func partialOverlapIsFoundOnlyWhileBothAreLive() {
    var problem = MemoryProblem(buffers: [
      Buffer(id: 0, byteCount: 128, intervals: [0..<4]), Buffer(id: 1, byteCount: 128, intervals: [3..<5]),
    ])
    let plan = MemoryPlan(offsets: [0, 64], for: problem, method: "test")
    #expect(plan.validate(against: problem) == [.overlap(first: 0, second: 1)])
    problem.buffers[1].intervals = [4..<6]
    #expect(!plan.validate(against: problem).contains(.overlap(first: 0, second: 1)))
  }

  @Test func violationsReadWell() {
    let violations: [PlanViolation] = [
      .countMismatch(needed: 3, found: 2), .negativeOffset(buffer: 1, offset: -64),
      .misalignedOffset(buffer: 1, offset: 8, alignment: 64), .overlap(first: 0, second: 2),
      .arenaTooSmall(needed: 128, found: 64), .arenaTooLarge(needed: 64, found: 128),
      .wrongLowerBound(needed: 64, found: 32),
    ]
    #expect(
      violations.map(\.description) == [
        "plan: one offset per buffer is needed, got 2 offsets for 3 buffers",
        "buffer at 1: offset must not be negative, got -64",
        "buffer at 1: offset must be a multiple of 64, got 8",
        "buffers at 0 and 2: live at one position, their bytes must not overlap",
        "arena: 128 bytes are needed, got 64",
        "arena: only 64 bytes are used, got 128",
        "lower bound: 64 bytes are live at the peak, got 32",
      ])
  }
}
