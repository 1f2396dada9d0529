import ArgumentParser
import Foundation
import Reports
import StandardStreams

struct TableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table", abstract: "The tables and pictures of saved results of `all`.")

  @Argument(help: "Files that `all --json` wrote; their measurements are put together.") var files: [String]
  @Option(help: "Folder of the peers' scripts, with the expected losses.") var peersScripts: String?
  @Option(help: "Writes pictures: this name with .svg and .png.") var picture: String?

  func run() throws {
    var results = try files.map(PeerComparison.read)
    for (path, other) in zip(files, results).dropFirst() {
      if let problem = results[0].difference(to: other) { throw BenchmarkError.unreadable(path, problem) }
      results[0].measurements += other.measurements
    }
    try results.first?.show(expected: ExpectedResults(folder: peersScripts), picture: picture)
  }
}

/// What the workloads give in double precision, as far as a folder has it.
struct ExpectedResults {
  /// Trajectories of the losses by configuration.
  var losses: [String: [Double]] = [:]
  /// Elements of the first results of W4 by kernel.
  var samples: [String: [Double]] = [:]

  init() {}

  /// Reads `expected/losses.json` and `expected/w4.json` in a folder; nothing without a folder.
  init(folder: String?) throws {
    struct Trajectories: Decodable { var losses: [String: [Double]] }
    struct Kernel: Decodable { var sample: [Double] }
    guard let folder else { return }
    losses = try PeerComparison.decode(Trajectories.self, "\(folder)/expected/losses.json").losses
    samples = try PeerComparison.decode([String: Kernel].self, "\(folder)/expected/w4.json").mapValues(\.sample)
  }
}

extension PeerComparison {
  static func read(_ path: String) throws -> PeerComparison { try decode(PeerComparison.self, path) }

  static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw BenchmarkError.unreadable(path, "no file")
    }
    do { return try JSONDecoder().decode(type, from: data) } catch {
      throw BenchmarkError.unreadable(path, "other JSON than this program writes")
    }
  }

  /// Why measurements cannot stand in one table: times of two machines have no median.
  func difference(to other: PeerComparison) -> String? {
    if processor == other.processor && threads == other.threads { return nil }
    return "\(other.threads) threads of \(other.processor), needs \(threads) of \(processor), as the first file has"
  }

  /// Prints the tables and draws the pictures.
  func show(expected: ExpectedResults, picture: String?) throws {
    try StandardStreams.print(ComparisonTables(result: self, expected: expected).text)
    guard let picture else { return }
    let chart = ComparisonChart(result: self)
    guard !chart.isEmpty else { return StandardStreams.say(ComparisonChart.emptyText) }
    for ending in [".svg", ".png"] { try chart.write(to: picture + ending) }
  }
}
