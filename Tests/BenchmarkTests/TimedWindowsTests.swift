import Testing

@testable import recurve_benchmark

/// For how long the benchmark measures.
@Suite struct TimedWindowsTests {
  @Test func asManySecondsAsAreAskedForAreMeasured() {
    #expect([0, 4, 240, 300, 3600].map(TimedWindows.mostSeconds) == [240, 240, 240, 300, 3600])
  }
}
