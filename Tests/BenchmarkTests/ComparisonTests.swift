import Foundation
import TestSupport
import Testing

@testable import recurve_benchmark

/// What `all` reads from programs and makes of it.
@Suite struct ComparisonTests {
  private let configuration = Configuration(workload: "w1", size: "tiny", variant: "attn", mode: "full", depth: 3)

  private func measurement(_ system: String, _ json: String) -> SystemReport {
    var measurement = SystemReport(system, configuration, round: 1)
    measurement.read("import noise\n" + json)
    return measurement
  }

  private var result: PeerComparison {
    var result = PeerComparison(threads: 2)
    result.measurements = [
      measurement("recurve", #"{"step_seconds": 0.02, "clean": true, "losses": [3.5, 3.25], "work_bytes": 5e6}"#),
      measurement("recurve", #"{"step_seconds": 0.9, "clean": false, "losses": [3.5, 3.25]}"#),
      measurement("torch", #"{"step_s": 0.04, "rss_work": 8000000, "clean": true, "losses": [3.5, 3.3125]}"#),
      measurement("jax-scan", #"{"step_s": 0.05, "clean": true}"#),
      measurement("iree", #"{"system": "iree", "error": "rc 1", "stderr": "a\nImportError: iree"}"#),
    ]
    return result
  }

  @Test func peersFiguresGetOurNames() {
    let torch = result.measurements[2]
    #expect(torch.figures["step_seconds"] == 0.04 && torch.figures["work_bytes"] == 8e6 && torch.clean)
    #expect(result.measurements[4].error == "rc 1: ImportError: iree")
    #expect(measurement("x", "[1]").error == "printed no JSON")
  }

  @Test func machinesAreNotMixed() {
    var other = result
    #expect(result.difference(to: other) == nil)
    other.processor = "Another"
    #expect(
      other.difference(to: result) == "2 threads of \(result.processor), needs 2 of Another, as the first file has")
    other = PeerComparison(threads: 1)
    #expect(result.difference(to: other)?.hasPrefix("1 threads of ") == true)
  }

  @Test func kernelsAreFlattened() {
    let json = #"{"kernels": {"softmax": {"step_s": 0.002, "gbps": 30, "clean": false, "sample": [1, 2]}}}"#
    let found = measurement("torch", json)
    #expect(found.figures["softmax.step_seconds"] == 0.002 && found.figures["softmax.gigabytes_per_second"] == 30)
    #expect(found.samples == ["softmax": [1, 2]] && !found.clean)
  }

  @Test func noisyRoundsDoNotCount() {
    #expect(result.figure("step_seconds", configuration, "recurve") == 0.02)
  }

  @Test func ratiosAreToTheFastestPeer() {
    #expect(result.fastestPeer("step_seconds", configuration)?.system == "torch")
    #expect(result.ratio("step_seconds", configuration, "recurve") == 0.5)
    #expect(result.ratio("step_seconds", configuration, "jax-scan") == 1.25)
    #expect(result.lossError(configuration, "torch", expected: [configuration.trajectory: [3.5, 3.25]]) == 0.0625)
    #expect(result.lossError(configuration, "recurve", expected: [:]) == 0.0625, "without them, against a peer")
  }

  @Test func tablesShowOursAndPeers() {
    let lines = ComparisonTables(result: result).text.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("w1") && lines[0].contains("x fastest peer"))
    #expect(lines[2].contains("w1 tiny attn full") && lines[2].contains("recurve"), "the fastest comes first")
    #expect(lines[2].contains("20.0") && lines[2].contains("0.50"))
    #expect(lines[5].contains("iree") && lines[5].contains("failed"))
  }

  @Test func configurationsCoverTheWorkloads() throws {
    let all = try AllCommand.parse(["--sizes", "tiny,base", "--modes", "full"]).configurations
    #expect(all.map(\.title) == ["w1 tiny attn full", "w1 base attn full", "w2", "w3", "w4"])
    #expect(
      all[1].peerArguments == ["w1", "base", "attn", "full", "3"] && all[3].peerArguments == ["w3", "-", "-", "-"])
  }

  @Test func savedResultsAreReadBack() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/comparison.json"
      try result.write(to: path)
      let saved = try PeerComparison.read(path)
      #expect(ComparisonTables(result: saved).text == ComparisonTables(result: result).text)
    }
  }

  @Test func picturesAreDrawn() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/comparison.svg"
      try ComparisonChart(result: result).write(to: path)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.contains("w1 tiny attn full") && text.contains("recurve") && text.contains("jax-scan"))
      #expect(!text.contains("iree"), "a system without a time has no bar, and no name")
    }
  }

  /// The tables are there all the same.
  @Test func noPictureIsDrawnWithoutAPeersTime() throws {
    #expect(ComparisonChart.emptyText == "no picture: no peer has a time, which is the unit of all bars")
    let parts = [result.measurements.filter { PeerComparison.isOurs($0.system) }, [result.measurements[4]], []]
    for measurements in parts {
      var part = result
      part.measurements = measurements
      #expect(ComparisonChart(result: part).isEmpty)
      try withTemporaryFolder { folder in
        try part.show(expected: ExpectedResults(), picture: folder + "/comparison")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      }
    }
  }

  /// What cannot be read is told before anything is measured.
  @Test func expectedResultsAreReadFirst() throws {
    try withTemporaryFolder { folder in
      for path in ["env/bin/python", "scripts/run.py"] {
        let url = URL(fileURLWithPath: "\(folder)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: url)
      }
      let json = folder + "/measured.json"
      let command = try AllCommand.parse([
        "--only", "w2", "--rounds", "1", "--seconds", "0", "--json", json, "--peers", folder + "/env",
        "--peers-scripts", folder + "/scripts",
      ])
      let error = #expect(throws: BenchmarkError.self) { try command.run() }
      #expect(
        "\(error.map { "\($0)" } ?? "")" == "cannot read \(folder)/scripts/expected/losses.json: found no file")
      #expect(!FileManager.default.fileExists(atPath: json))
    }
  }

  @Test func unwritableResultsAreNamed() {
    let error = #expect(throws: BenchmarkError.self) { try result.write(to: "/proc/version/x.json") }
    #expect(error.map { "\($0)" }?.hasPrefix("cannot write /proc/version/x.json: ") == true)
  }
}
