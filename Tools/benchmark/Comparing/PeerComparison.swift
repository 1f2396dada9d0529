import Foundation
import Recurve
import StandardStreams

/// All measurements of one run of `all`, and what follows from them.
struct PeerComparison: Codable {
  var processor: String
  var processors: Int
  var threads: Int
  var date: String
  var measurements: [SystemReport] = []

  init(threads: Int) {
    self.threads = threads
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = information.split(separator: "\n").first { $0.hasPrefix("model name") }
    processor = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    processors = ProcessInfo.processInfo.activeProcessorCount
    date = Date().formatted(.iso8601)
  }

  var configurations: [Configuration] { unique(measurements.map(\.configuration)) }

  /// Systems that ran a configuration, in the order of their first run.
  func systems(_ configuration: Configuration) -> [String] {
    unique(measurements.filter { $0.configuration == configuration }.map(\.system))
  }

  func measurements(_ configuration: Configuration, _ system: String) -> [SystemReport] {
    measurements.filter { $0.configuration == configuration && $0.system == system }
  }

  /// The median over the rounds, of quiet ones if there are any.
  func figure(_ key: String, _ configuration: Configuration, _ system: String) -> Double? {
    let all = measurements(configuration, system)
    let quiet = all.filter(\.clean)
    let numbers = (quiet.isEmpty ? all : quiet).compactMap { $0.figures[key] }
    return numbers.isEmpty ? nil : numbers.median
  }

  static func isOurs(_ system: String) -> Bool { system == "recurve" || system.hasPrefix("recurve-") }

  /// The least time any peer needs, and whose it is.
  func fastestPeer(_ key: String, _ configuration: Configuration) -> (system: String, seconds: Double)? {
    let times = systems(configuration).filter { !Self.isOurs($0) }.compactMap { system in
      figure(key, configuration, system).map { (system: system, seconds: $0) }
    }
    return times.min { $0.seconds < $1.seconds }
  }

  /// A system's time in units of the fastest peer's.
  func ratio(_ key: String, _ configuration: Configuration, _ system: String) -> Double? {
    guard let own = figure(key, configuration, system), let best = fastestPeer(key, configuration) else { return nil }
    return own / best.seconds
  }

  /// The largest difference between a system's losses after 0, 1, 5 and 20 updates and the expected ones.
  func lossError(_ configuration: Configuration, _ system: String, expected: [String: [Double]]) -> Double? {
    let losses = measurements(configuration, system).first { !$0.losses.isEmpty }?.losses ?? []
    let peers = systems(configuration).filter { !Self.isOurs($0) && $0 != system }
    let others = peers.lazy.compactMap { measurements(configuration, $0).first { !$0.losses.isEmpty }?.losses }
    guard let reference = expected[configuration.trajectory] ?? others.first else { return nil }
    let updates = [0, 1, 5, 20].filter { $0 < losses.count && $0 < reference.count }
    return updates.map { abs(losses[$0] - reference[$0]) }.largest
  }

  /// The largest relative difference between elements of a system's first results of W4 and the expected ones.
  func sampleError(_ configuration: Configuration, _ system: String, expected: [String: [Double]]) -> Double? {
    if expected.isEmpty { return nil }
    let samples = measurements(configuration, system).first { !$0.samples.isEmpty }?.samples ?? [:]
    let errors = samples.flatMap { kernel, found -> [Double] in
      let needed = expected[kernel] ?? []
      if found.count != needed.count { return [.nan] }
      return zip(found, needed).map { $0 == $1 ? 0 : abs($0 - $1) / abs($1) }
    }
    return errors.largest
  }

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let text = Quoting.json(String(decoding: try encoder.encode(self), as: UTF8.self))
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw BenchmarkError.unwritable(path, SystemMessage.text(of: error))
    }
  }

  private func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
    var seen: Set<Element> = []
    return elements.filter { seen.insert($0).inserted }
  }
}
