import ArgumentParser
import Foundation
import Recurve
import StandardStreams

struct UnseenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unseen",
    abstract: "Training steps of six models that nobody tuned for, beside their PyTorch twins.",
    discussion: """
      An LSTM and a looped transformer over characters, a small convolutional net, gated DeltaNet, Mamba and minGRU. With --python each \
      is timed by turns with every fast form of its twin (Tools/twins/unseen.py), from the same weights on the same numbers.
      """)

  @Option(help: "Models separated by commas: lstm, looped, conv, delta, mamba, mingru; all without it.") var models:
    String?
  @Option(help: "small or large.") var size: String = "small"
  @Option(help: "Gradient mode of the recursions: full, last:K, checkpointed:EVERY, revolve:SLOTS; full without it.")
  var gradient: String?
  @Option(help: "A Python with torch and safetensors.") var python: String?
  @Option(help: "Rounds of turns with the twins; 3 without it.") var rounds: Int?
  @OptionGroup var options: WorkloadOptions

  private var mode: String { gradient ?? "full" }

  func validate() throws {
    if try kinds() == [.conv], gradient != nil {
      throw ValidationError("--gradient has no effect on conv, where nothing repeats; needs another of --models")
    }
    guard ["small", "large"].contains(size) else { throw ValidationError("--size got '\(size)', needs small or large") }
    guard GradientMode(text: mode) != nil else { throw ValidationError("no gradient mode is called '\(mode)'") }
    if options.data != nil { throw ValidationError("--data names numbers of w1 to w4; unseen makes its own") }
    let isExact = mode == "full" || mode.hasPrefix("checkpointed") || mode.hasPrefix("revolve")
    guard python == nil || isExact else {
      throw ValidationError("--gradient is \(mode), which no twin computes; leave out --python")
    }
    if let rounds, rounds < 1 { throw ValidationError("--rounds got \(rounds), needs at least 1") }
    if rounds != nil, python == nil { throw ValidationError("--rounds has no effect, needs --python") }
  }

  private func kinds() throws -> [UnseenModel] {
    guard let models else { return UnseenModel.allCases }
    return try models.split(separator: ",", omittingEmptySubsequences: false).map { name in
      guard let kind = UnseenModel(rawValue: String(name)) else {
        throw ValidationError("no model is called '\(name)'; there are lstm, looped, conv, delta, mamba, mingru")
      }
      return kind
    }
  }

  func run() throws {
    let mode = GradientMode(text: self.mode) ?? .full
    var results: [UnseenResult] = []
    for kind in try kinds() {
      let workload = UnseenWorkload(kind: kind, isLarge: size == "large", gradient: mode)
      var result = UnseenResult(
        model: kind.rawValue, size: size, gradient: kind == .conv ? "nothing repeats" : mode.description)
      if let python {
        result.peers = try UnseenTurns(workload, options, python: python, rounds: rounds ?? 3).run(&result)
      } else {
        result.own = try TrainingMeasurement(workload, options).figures()
      }
      if !options.json { try StandardStreams.print(result.lines) }
      results.append(result)
    }
    if options.json { try options.show(results, "") }
  }
}

/// A model's figures, beside those of its twin.
struct UnseenResult: Encodable {
  let model: String
  let size: String
  let gradient: String
  var own = TrainingFigures()
  /// Of each form of the twin that ran.
  var peers: [Peer] = []

  struct Peer: Encodable {
    let form: String
    /// Median seconds of a step, over all rounds.
    var step_seconds: Double
    /// The first losses, and how far they are from ours, relative, at most.
    var losses: [Double]
    var difference: Double
    var work_bytes: Int
  }

  /// Our time in units of the fastest form's.
  var ratio: Double? { peers.map(\.step_seconds).min().map { own.step_seconds / $0 } }

  var lines: String {
    let forms = peers.map { peer in
      String(
        format: "  twin %@: %.2f ms/step, work %.1f MB, losses within %.1e", peer.form, peer.step_seconds * 1e3,
        Double(peer.work_bytes) / 1e6, peer.difference)
    }
    let sum = ratio.map { [String(format: "  ours / fastest twin: %.2f", $0)] } ?? []
    return ([own.line("\(model) \(size), \(gradient)")] + forms + sum).joined(separator: "\n")
  }
}
