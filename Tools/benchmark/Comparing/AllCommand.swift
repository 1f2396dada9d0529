import ArgumentParser
import Foundation
import StandardStreams

struct AllCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all",
    abstract: "All workloads, ours and the peers' by turns, each in a fresh process; tables, JSON, pictures.")

  @Option(parsing: .upToNextOption, help: "Workloads; all without it.") var only: [String] = []
  @Option(help: "Sizes of w1, by commas.") var sizes = "tiny,small"
  @Option(help: "Variants of w1, by commas.") var variants = "attn"
  @Option(help: "Gradient modes of w1, by commas.") var modes = "full,detached,ckpt"
  @Option(help: "Cycles of w1.") var depth = 3
  @Option(help: "Folder of a Python environment with the peers, as Tools/peers-setup makes it.") var peers: String?
  @Option(help: "Folder of the peers' scripts, with run.py; they are copied.") var peersScripts: String?
  @Option(help: "Peers by their names in run.py, by commas; the usual ones of each workload without it.")
  var systems: String?
  @Option(help: "How often each system runs.") var rounds = 2
  @Option(help: "Threads of ours; the peers have 2.") var threads = 2
  @Option(help: "Seconds to measure each.") var seconds = 4.0
  @Option(help: "Writes all measurements into a file.") var json: String?
  @Option(help: "Writes pictures: this name with .svg and .png.") var picture: String?

  func validate() throws {
    try check("--only", only, ["w1", "w2", "w3", "w4"])
    try check("--sizes", list(sizes), PeerSizes.all.map(\.name))
    try check("--variants", list(variants), PeerVariant.allCases.map(\.rawValue))
    try check("--modes", list(modes), ["full", "detached", "ckpt"])
    guard rounds >= 1, threads >= 1, depth >= 1 else {
      throw ValidationError("--rounds, --threads and --depth need at least 1")
    }
    try WorkloadOptions.check(seconds: seconds)
    guard (peers == nil) == (peersScripts == nil) else {
      throw ValidationError("--peers and --peers-scripts need each other")
    }
    try checkFolder("--json", of: json)
    try checkFolder("--picture", of: picture)
  }

  func run() throws {
    // All that is read is read before the first measurement, which is not to be lost for it.
    if let peers, let peersScripts { try PeerRunner.check(environment: peers, scripts: peersScripts) }
    let expected = try ExpectedResults(folder: peersScripts)
    let peerRunner = try peers.map { environment in
      try PeerRunner(environment: environment, scripts: peersScripts ?? "", seconds: seconds)
    }
    var result = PeerComparison(threads: threads)
    let configurations = self.configurations
    for (index, configuration) in configurations.enumerated() {
      for round in 1...rounds {
        try measure(configuration, round, peerRunner, "[\(index + 1)/\(configurations.count)]", &result)
      }
      try json.map(result.write)
    }
    try result.show(expected: expected, picture: picture)
  }

  /// Ours and the peers by turns, so that what the machine does meanwhile meets all alike.
  private func measure(
    _ configuration: Configuration, _ round: Int, _ peerRunner: PeerRunner?, _ position: String,
    _ result: inout PeerComparison
  ) throws {
    let own = OwnRunner(threads: threads, seconds: seconds)
    let names = peerRunner == nil ? [] : systems.map(list) ?? configuration.usualPeers
    for turn in 0..<max(names.count, configuration.providers.count) {
      let provider = configuration.providers[turn % configuration.providers.count]
      var pair = [own.measure(configuration, provider: provider, round: round)]
      if turn < names.count, let peerRunner {
        pair.append(peerRunner.measure(configuration, system: names[turn], round: round))
      }
      for measurement in pair { progress("\(position) \(configuration.title), round \(round): \(measurement.line)") }
      result.measurements += pair
    }
  }

  private func progress(_ line: String) { StandardStreams.say(line) }

  var configurations: [Configuration] {
    let workloads = ["w1", "w2", "w3", "w4"].filter { only.isEmpty || only.contains($0) }
    return workloads.flatMap { workload in
      guard workload == "w1" else { return [Configuration(workload: workload)] }
      return list(sizes).flatMap { size in
        list(variants).flatMap { variant in
          list(modes).map { Configuration(workload: "w1", size: size, variant: variant, mode: $0, depth: depth) }
        }
      }
    }
  }

  private func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

  private func checkFolder(_ option: String, of path: String?) throws {
    guard let path else { return }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw ValidationError("\(option) got '\(path)', needs a file in a folder that can be written to")
    }
  }

  private func check(_ option: String, _ found: [String], _ known: [String]) throws {
    for name in found where !known.contains(name) {
      throw ValidationError("\(option) got '\(name)', needs some of \(known.joined(separator: ", "))")
    }
  }
}

extension SystemReport {
  /// One line for people.
  fileprivate var line: String {
    if let error { return "\(system): \(error)" }
    let times = configuration.times.compactMap { time in
      figures[time.key].map { String(format: $0 < 1e-3 ? "%.2f us" : "%.2f ms", $0 * ($0 < 1e-3 ? 1e6 : 1e3)) }
    }
    return "\(system): \(times.joined(separator: ", "))" + (clean ? "" : " (noisy)")
  }
}
