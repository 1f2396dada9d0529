import ArgumentParser
import Foundation
import StandardStreams

struct AllCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all",
    abstract: "All workloads, ours and the peers' by turns, each in a fresh process; tables, JSON, pictures.")

  @Option(parsing: .upToNextOption, help: "Workloads; all without it.") var only: [String] = []
  @Option(help: "Sizes of w1, by commas; tiny,small without it.") var sizes: String?
  @Option(help: "Variants of w1, by commas; attn without it.") var variants: String?
  @Option(help: "Gradient modes of w1, by commas; full,detached,ckpt without it.") var modes: String?
  @Option(help: "Cycles of w1; 3 without it.") var depth: Int?
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
    try check("--sizes", chosenSizes, PeerSizes.all.map(\.name))
    try check("--variants", chosenVariants, PeerVariant.allCases.map(\.rawValue))
    try check("--modes", chosenModes, ["full", "detached", "ckpt"])
    guard rounds >= 1, threads >= 1, depth ?? 3 >= 1 else {
      throw ValidationError("--rounds, --threads and --depth need at least 1")
    }
    try WorkloadOptions.check(seconds: seconds)
    guard (peers == nil) == (peersScripts == nil) else {
      throw ValidationError("--peers and --peers-scripts need each other")
    }
    try checkEffect()
    try checkFolder("--json", of: json)
    try checkFolder("--picture", of: picture)
  }

  /// Options that would change nothing are mistakes.
  private func checkEffect() throws {
    let own = [
      ("--sizes", sizes != nil), ("--variants", variants != nil), ("--modes", modes != nil), ("--depth", depth != nil),
    ]
    for (option, isGiven) in own where isGiven && !workloads.contains("w1") {
      throw ValidationError("\(option) has no effect, needs w1 among the workloads of --only")
    }
    if systems != nil && peers == nil { throw ValidationError("--systems has no effect, needs --peers") }
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
    var writing = Result<Void, any Error>.success(())
    for (index, configuration) in configurations.enumerated() {
      for round in 1...rounds {
        try measure(configuration, round, peerRunner, "[\(index + 1)/\(configurations.count)]", &result)
      }
      writing = Result { if let json { try result.write(to: json) } }
      // Tried again with the next ones; the tables are not to be lost for it.
      if case .failure(let error) = writing { progress("\(error); measuring goes on") }
    }
    try result.show(expected: expected, picture: picture)
    try writing.get()
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

  private var workloads: [String] { ["w1", "w2", "w3", "w4"].filter { only.isEmpty || only.contains($0) } }
  private var chosenSizes: [String] { list(sizes ?? "tiny,small") }
  private var chosenVariants: [String] { list(variants ?? "attn") }
  private var chosenModes: [String] { list(modes ?? "full,detached,ckpt") }

  var configurations: [Configuration] {
    workloads.flatMap { workload in
      guard workload == "w1" else { return [Configuration(workload: workload)] }
      return chosenSizes.flatMap { size in
        chosenVariants.flatMap { variant in
          chosenModes.map { Configuration(workload: "w1", size: size, variant: variant, mode: $0, depth: depth ?? 3) }
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
