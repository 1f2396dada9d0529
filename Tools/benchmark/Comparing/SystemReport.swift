import Foundation

/// What one process of one system reported on one configuration.
struct SystemReport: Codable {
  var system: String
  var configuration: Configuration
  var round: Int
  /// Numbers by our own names; those of W4 begin with the kernel's name.
  var figures: [String: Double] = [:]
  var losses: [Double] = []
  /// Elements 0, 1, 1023, 1024 and the last of the first results of W4, by kernel.
  var samples: [String: [Double]] = [:]
  var clean = false
  /// Why there are no figures.
  var error: String?

  /// Names of the peers' harness, and ours for the same measure.
  private static let names = [
    "step_s": "step_seconds", "step_min": "least_seconds", "gflops": "gigaflops_per_second", "rss_work": "work_bytes",
    "rss_peak": "peak_bytes", "rss_peak_compile": "compile_peak_bytes", "latency_s": "latency_seconds",
    "sync_s": "sync_seconds", "async_s": "async_seconds", "fused_s": "fused_seconds", "other_cpu": "other_share",
    "gbps": "gigabytes_per_second", "first_s": "first_seconds", "minflt_step": "minor_faults_per_step",
  ]

  init(_ system: String, _ configuration: Configuration, round: Int) {
    (self.system, self.configuration, self.round) = (system, configuration, round)
  }

  /// Takes the figures from a line of JSON.
  mutating func read(_ output: String) {
    guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("{") }),
      let value = try? JSONDecoder().decode(JSONValue.self, from: Data(line.utf8))
    else { return error = "printed no JSON" }
    if let problem = value["error"]?.text {
      let lines = (value["stderr"]?.text ?? "").split(separator: "\n")
      return error = problem + (lines.last.map { ": \($0)" } ?? "")
    }
    losses = value["losses"]?.numbers ?? []
    samples = (value["kernels"]?.table ?? [:]).compactMapValues { $0["sample"]?.numbers }
    for (path, number) in value.leaves(dropping: ["kernels"]) { figures[Self.name(path)] = number }
    let flags = figures.filter { $0.key == "clean" || $0.key.hasSuffix(".clean") }
    clean = !flags.isEmpty && flags.values.allSatisfy { $0 == 1 }
  }

  private static func name(_ path: String) -> String {
    let parts = path.split(separator: ".").map(String.init)
    return parts.map { names[$0] ?? $0 }.joined(separator: ".")
  }
}
