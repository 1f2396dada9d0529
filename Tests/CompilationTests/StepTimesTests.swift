import Compilation
import Execution
import Testing

/// When times cannot be relied on, and what is said of them.
@Suite struct StepTimesTests {
  private static func times(
    _ seconds: [Double], others: Double? = nil, lost: Double = 0, smaller: Int = 0
  ) -> StepTimes {
    let lost = LostTime(seconds: lost, launches: 100, smallerLaunches: smaller)
    return StepTimes(seconds: seconds, otherShare: others, lost: lost, workerCount: 2)
  }

  @Test func steadyTimesAreNotDoubted() {
    #expect(Self.times([0.10, 0.11, 0.12], others: 0.02, lost: 0.01).doubt == nil)
    // One of twenty that is far off says nothing of the others.
    #expect(Self.times(Array(repeating: 0.1, count: 19) + [5]).doubt == nil)
    #expect(Self.times([]).doubt == nil)
  }

  @Test func reasonsAreNamed() {
    #expect(Self.times([0.1, 0.1, 0.2]).doubt == "runs differ by 100 %")
    #expect(Self.times([0.1, 0.1], others: 0.5).doubt == "other programs took 50 % of the processors")
    #expect(Self.times([0.5, 0.5], lost: 0.5).doubt == "workers waited 25 % of the time for a processor")
    #expect(Self.times([0.1], smaller: 7).doubt == "fewer workers than planned ran 7 of 100 launches")
    #expect(Self.times([1, 2], others: 0.3).doubt?.split(separator: ",").count == 2)
  }
}
