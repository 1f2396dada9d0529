import Foundation
import Recurve

/// Times a model and the forms of its twin by turns, so that what the machine does meets all of them.
struct UnseenTurns {
  private let workload: UnseenWorkload
  private let options: WorkloadOptions
  private let python: String
  private let rounds: Int

  init(_ workload: UnseenWorkload, _ options: WorkloadOptions, python: String, rounds: Int) {
    (self.workload, self.options, self.python, self.rounds) = (workload, options, python, rounds)
  }

  /// - Parameter result: gets our figures; its time is the median over all rounds.
  func run(_ result: inout UnseenResult) throws -> [UnseenResult.Peer] {
    let folder = NSTemporaryDirectory() + "recurve-unseen-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try workload.write(to: folder + "/numbers.safetensors")
    let forms = workload.kind.forms
    let twins = try forms.map {
      try TwinProcess(
        python, "Tools/twins/unseen.py",
        [workload.kind.rawValue, $0, folder + "/numbers.safetensors", "\(options.threads)"])
    }
    defer { for twin in twins { twin.stop() } }
    var (own, others) = ([Double](), Array(repeating: [Double](), count: twins.count))
    var peers: [UnseenResult.Peer] = []
    for round in 0..<rounds {
      let figures = try TrainingMeasurement(workload, options).figures(defaultSteps: 10)
      if round == 0 {
        result.own = figures
      } else {
        // What disturbed any round disturbs their median.
        result.own.doubt = result.own.doubt ?? figures.doubt
        result.own.clean = result.own.clean && figures.clean
        result.own.least_seconds = min(result.own.least_seconds, figures.least_seconds)
        result.own.timed_steps += figures.timed_steps
      }
      own.append(figures.step_seconds)
      for (index, twin) in twins.enumerated() {
        if round == 0 { peers.append(try first(twin, forms[index], figures.losses)) }
        others[index].append(try twin.quietTimes(options.seconds).median)
      }
    }
    result.own.step_seconds = own.median
    result.own.gigaflops_per_second = Double(result.own.contraction_flops) / own.median / 1e9
    for index in peers.indices { peers[index].step_seconds = others[index].median }
    return peers
  }

  /// The first steps of a twin, and what memory they take.
  private func first(_ twin: TwinProcess, _ form: String, _ losses: [Double]) throws -> UnseenResult.Peer {
    let own = try twin.ask("step \(losses.count)")
    let differences = zip(own, losses).map { abs($0 - $1) / max(abs($1), 1e-30) }
    // What follows from rounding grows with the steps; the first ones must be the same.
    guard own.count == losses.count, !losses.isEmpty, differences.prefix(3).allSatisfy({ $0 < 1e-3 }) else {
      throw BenchmarkError.failedProcess(twin.name, "the first losses differ: \(own), \(losses)")
    }
    let bytes = try twin.ask("memory")
    return UnseenResult.Peer(
      form: form, step_seconds: .nan, losses: own, difference: differences.largest ?? .nan,
      work_bytes: Int(bytes.first ?? 0))
  }
}

extension UnseenModel {
  /// Of the twin, as `Tools/twins/unseen.py` knows them.
  var forms: [String] {
    switch self {
    case .lstm: ["eager", "compiled", "cudnn-style"]
    case .looped: ["eager", "compiled"]
    case .conv: ["eager", "compiled", "channels-last", "compiled-channels-last"]
    case .delta: ["chunked", "compiled-chunked"]
    case .mamba: ["eager", "compiled"]
    case .mingru: ["eager", "compiled", "parallel", "compiled-parallel"]
    }
  }
}
