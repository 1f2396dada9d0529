import Experiments
import Foundation
import Reports
import Synchronization
import TestSupport
import Testing

@Suite struct ExperimentTests {
  static let experiment = Experiment(
    name: "1x", title: "Doubling & <more>", idea: "Twice as much.", promise: "2 | 4", seedCount: 5
  ) { run in
    let doubled = try run.overSeeds("double") { Double($0) * 2 }
    var findings = Findings()
    findings.tables = [Findings.Table("Doubles", header: ["", "median"], rows: [["double", "\(doubled.median)"]])]
    findings.pictures = [
      try run.draw(
        Chart(
          title: "doubles", xLabel: "seed", yLabel: "value",
          series: [.init(name: "double", points: doubled.enumerated().map { (Double($0), $1) })]), as: "doubles",
        caption: "a < b")
    ]
    findings.check("median", doubled.median, atLeast: 6)
    findings.check("largest", doubled.max() ?? .nan, atMost: 9)
    findings.remarks = ["Larger than promised."]
    return findings
  }

  static func result(_ folder: String) throws -> ExperimentResult {
    let run = ExperimentRun(experiment, folder: folder, threadCount: 2, showsProgress: false)
    return ExperimentResult(experiment, seeds: run.seeds, seconds: 1.5, findings: try experiment.measure(run))
  }

  static func withFolder(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/1x", withIntermediateDirectories: true)
      try body(folder)
    }
  }

  @Test func seedsKeepTheirOrderOnAnyNumberOfThreads() throws {
    for threads in [1, 2, 7] {
      let run = ExperimentRun(
        Self.experiment, seeds: [9, 3, 5, 7], folder: "", threadCount: threads, showsProgress: false)
      let calls = Atomic<Int>(0)
      let found = try run.overSeeds("seeds") { seed in
        calls.add(1, ordering: .relaxed)
        return seed * 10
      }
      #expect(found == [90, 30, 50, 70] && calls.load(ordering: .relaxed) == 4)
    }
  }

  @Test func errorsOfASeedAreThrown() {
    struct Mistake: Error, Equatable { var seed: UInt64 }
    let run = ExperimentRun(Self.experiment, folder: "", threadCount: 2, showsProgress: false)
    #expect(throws: Mistake(seed: 4)) {
      try run.overSeeds("seeds") { seed in if seed == 4 { throw Mistake(seed: seed) } }
    }
    #expect("\(ExperimentInterrupted())" == "interrupted")
  }

  @Test func statistics() {
    #expect([3.0, 1, 2].median == 2 && [4.0, 1, 2, 3].median == 2.5 && [Double]().median.isNaN)
    #expect([1.0, 2, 3, 4, 5].quantile(0.25) == 2 && [7.0].quantile(0.9) == 7)
    #expect([1.0, .infinity, .infinity].median == .infinity, "runs that never end count as infinitely long")
    #expect([1.0, 2, 6].mean == 3)
  }

  @Test func textTellsWhatHoldsAndWhatDoesNot() throws {
    try Self.withFolder { folder in
      let result = try Self.result(folder + "/1x")
      #expect(
        result.text == """
          1x  Doubling & <more>: 5 seeds, 1.50 s

          promised: 2 | 4

          Doubles
                  median
          ------  ------
          double     6.0

          Larger than promised.

          pass  median: 6, needs at least 6
          FAIL  largest: 10, needs at most 9
          """)
      #expect(!result.findings.isPassed)
      let decoded = try JSONDecoder().decode(ExperimentResult.self, from: JSONEncoder().encode(result))
      #expect(decoded.findings == result.findings && decoded.seeds == [1, 2, 3, 4, 5])
    }
  }

  @Test func reportsHoldEverything() throws {
    try Self.withFolder { folder in
      let report = ExperimentReport(title: "All", parts: [(Self.experiment, try Self.result(folder + "/1x"))])
      let markdown = report.markdown()
      for part in [
        "# All", "## 1x: Doubling &amp; &lt;more>", "Twice as much.", "*Promised:* 2 \\| 4", "| double | 6.0 |",
        "![a &lt; b](./1x/doubles.svg)", "- FAIL  largest: 10, needs at most 9", "| 2 \\| 4 |", "5 seeds, 1.50 s",
      ] { #expect(markdown.contains(part), "\(part)") }
      let html = try report.html(folder: folder)
      for part in [
        "<h2>1x: Doubling &amp; &lt;more&gt;</h2>", "data:image/svg+xml;base64,", "<figcaption>a &lt; b</figcaption>",
        "<li class=\"fail\">FAIL  largest: 10, needs at most 9</li>", "<td>double</td><td>6.0</td>",
      ] { #expect(html.contains(part), "\(part)") }
      #expect(!html.contains("src=\"http") && !html.contains("href"), "the file needs no network")
    }
  }
}
