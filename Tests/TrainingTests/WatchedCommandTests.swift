import TestSupport
import Testing

/// `--verify` of commands that measure: one run is watched, and none that is measured.
@Suite(.enabled(if: KilledRun.isPossible)) struct WatchedCommandTests {
  private static let small = [
    "tiny-recursion", "--preset", "nano", "--variant", "attention", "--batch", "2", "--depth", "1", "--threads", "1",
  ]
  private static let note = "every step is watched: many times slower, with "

  @Test func profilesAreOfRunsThatNobodyWatches() throws {
    let run = try CommandRun(["profile"] + Self.small + ["--verify", "--repetitions", "1", "--rows", "0"])
    #expect(run.status == 0 && run.errors.contains(Self.note), "\(run.errors)")
    // Watched, an addition of two arrays gets through a tenth of a gigabyte in a second.
    let ceiling = try #require(run.output.firstMatch(of: #/triad ([0-9.]+) GB/s/#)?.output.1)
    #expect(Double(ceiling).map { $0 > 0.5 } == true, "\(run.output)")
    let table = run.output.split(separator: "\n").prefix { !$0.hasPrefix("steps add up") }
    #expect(table.count > 32 && !run.output.contains(" others"), "0 rows are all of them: \(run.output)")
  }

  @Test func measuredPlansAreWatchedToo() throws {
    let run = try CommandRun(["plan"] + Self.small + ["--measure", "--verify", "--rows", "0"])
    #expect(run.status == 0 && run.errors.contains(Self.note), "\(run.errors)")
    #expect(run.output.contains("a run writes up to ") && !run.output.contains("smaller buffers"), "\(run.output)")
    let unwatched = try CommandRun(["plan"] + Self.small + ["--measure"])
    #expect(!unwatched.errors.contains(Self.note) && unwatched.output.contains("smaller buffers"))
  }
}
