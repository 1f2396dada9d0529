import MemoryPlanning
import Testing

struct PlannerTests {
  @Test func isOptimalForFewBuffers() {
    for seed in 0..<150 {
      let alignment = [1, 4, 16][seed % 3]
      let problem = MemoryProblem.random(
        count: 1 + seed % 5, positions: 6, largestByteCount: 40, alignment: alignment, seed: UInt64(seed))
      let plan = MemoryPlanner().plan(problem)
      #expect(plan.validate(against: problem) == [])
      #expect(plan.arenaByteCount >= problem.lowerBoundByteCount)
      // Packing works in alignment units.
      let units = (plan.arenaByteCount + alignment - 1) / alignment
      #expect(units == (problem.optimumByteCount + alignment - 1) / alignment, "seed \(seed)")
    }
  }

  @Test(arguments: 0..<20)
  func isOptimalForSixBuffers(seed: UInt64) {
    let problem = MemoryProblem.random(
      count: 6, positions: 9, largestByteCount: 12, alignment: 1, seed: seed)
    #expect(MemoryPlanner().plan(problem).arenaByteCount == problem.optimumByteCount)
  }

  @Test(arguments: [10, 40, 120], [0, 200])
  func isValidAndAboveTheBound(count: Int, searchNodeLimit: Int) {
    for seed in 0..<6 {
      let problem = MemoryProblem.random(
        count: count, positions: count, largestByteCount: 5_000, alignment: 64, seed: UInt64(seed))
      let plan = MemoryPlanner(searchNodeLimit: searchNodeLimit).plan(problem)
      #expect(plan.validate(against: problem) == [])
      #expect(plan.arenaByteCount >= problem.lowerBoundByteCount)
    }
  }

  @Test(arguments: [30, 60], 0..<8)
  func findsTheOptimumOfCutRectangles(count: Int, seed: UInt64) {
    let problem = MemoryProblem.cutRectangle(count: count, seed: seed)
    #expect(problem.lowerBoundByteCount == 64_000)
    let plan = MemoryPlanner().plan(problem)
    #expect(plan.validate(against: problem) == [])
    #expect(plan.arenaByteCount == 64_000)
  }

  @Test(arguments: 0..<40)
  func findsTheOptimumOfPunchedRectangles(seed: UInt64) {
    let problem = MemoryProblem.cutRectangle(count: 8 + Int(seed % 8), seed: seed).punched
    #expect(problem.lowerBoundByteCount == 64_000)
    let plan = MemoryPlanner().plan(problem)
    #expect(plan.validate(against: problem) == [])
    #expect(plan.arenaByteCount == 64_000)
  }

  @Test func searchImprovesOnTheGreedyPasses() {
    let problem = MemoryProblem.cutRectangle(count: 60, seed: 3)
    let greedy = MemoryPlanner(searchNodeLimit: 0).plan(problem)
    let plan = MemoryPlanner().plan(problem)
    #expect(greedy.arenaByteCount > 64_000)
    #expect(plan.arenaByteCount == 64_000)
    #expect(plan.method.hasPrefix("exact search"))
  }

  /// Too many buffers for the exact search.
  @Test(arguments: 1..<3) func reorderedPassesImproveOnTheGreedyPasses(seed: UInt64) {
    let problem = MemoryProblem.random(
      count: 200, positions: 100, largestByteCount: 90_000, alignment: 64, seed: seed)
    let greedy = MemoryPlanner(searchNodeLimit: 0).plan(problem)
    let plan = MemoryPlanner().plan(problem)
    #expect(plan.validate(against: problem) == [])
    #expect(plan.arenaByteCount < greedy.arenaByteCount, "\(plan.method)")
    #expect(plan.method.hasPrefix("reordered"))
  }

  @Test func moreNodesAreNeverWorse() {
    for seed in 0..<6 {
      let problem = MemoryProblem.random(
        count: 40, positions: 30, largestByteCount: 9_000, alignment: 64, seed: UInt64(seed))
      let greedy = MemoryPlanner(searchNodeLimit: 0).plan(problem)
      #expect(MemoryPlanner(searchNodeLimit: 500).plan(problem).arenaByteCount <= greedy.arenaByteCount)
    }
  }

  @Test func reusesHoles() {
    let problem = MemoryProblem(buffers: [
      Buffer(id: 0, byteCount: 640, intervals: [0..<2, 6..<8]),
      Buffer(id: 1, byteCount: 640, intervals: [2..<6]),
      Buffer(id: 2, byteCount: 320, intervals: [3..<4]),
      Buffer(id: 3, byteCount: 320, intervals: [7..<9]),
    ])
    let plan = MemoryPlanner().plan(problem)
    #expect(plan.validate(against: problem) == [])
    #expect(plan.arenaByteCount == 960)
    #expect(plan.offsets[0] / 640 == plan.offsets[1] / 640)
  }

  @Test func independentPartsShareTheArena() {
    let buffers = (0..<100).flatMap { part in
      (0..<3).map { index in
        Buffer(id: 3 * part + index, byteCount: 64 * (index + 1), intervals: [part * 10..<part * 10 + 5])
      }
    }
    let plan = MemoryPlanner().plan(MemoryProblem(buffers: buffers))
    #expect(plan.arenaByteCount == 384)
  }

  @Test func needsNothingForNothing() {
    let empty = MemoryProblem(buffers: [])
    #expect(MemoryPlanner().plan(empty).validate(against: empty) == [])
    let problem = MemoryProblem(buffers: [
      Buffer(id: 0, byteCount: 0, intervals: [0..<9]), Buffer(id: 1, byteCount: 100, intervals: [0..<9]),
      Buffer(id: 2, byteCount: 0, intervals: [3..<4]),
    ])
    let plan = MemoryPlanner().plan(problem)
    #expect(plan.offsets == [0, 0, 0])
    #expect(plan.arenaByteCount == 100)
    #expect(plan.validate(against: problem) == [])
  }

  @Test func arenaIsNotRoundedUp() {
    let problem = MemoryProblem(buffers: [
      Buffer(id: 0, byteCount: 100, intervals: [0..<2]), Buffer(id: 1, byteCount: 4, intervals: [1..<3]),
    ])
    #expect(problem.lowerBoundByteCount == 104)
    #expect(problem.peakPosition == 1)
    #expect(problem.liveBuffers(at: 2).map(\.id) == [1])
    #expect(MemoryPlanner().plan(problem).arenaByteCount == 128 + 4)
  }

  @Test func longChainNeedsTwoBuffers() {
    let problem = MemoryProblem(
      buffers: (0..<10_000).map { Buffer(id: $0, byteCount: 4096, intervals: [$0..<($0 + 2)]) })
    let plan = MemoryPlanner().plan(problem)
    #expect(plan.arenaByteCount == 8192)
    #expect(plan.method == "online best fit")
  }

  @Test func isDeterministic() {
    let problem = MemoryProblem.random(
      count: 80, positions: 60, largestByteCount: 9_000, alignment: 64, seed: 7)
    let planner = MemoryPlanner(searchNodeLimit: 300)
    #expect(planner.plan(problem) == planner.plan(problem))
  }
}
