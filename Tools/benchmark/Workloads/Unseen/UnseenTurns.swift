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
        python, workload, form: $0, numbers: folder + "/numbers.safetensors", threads: options.threads)
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
        if round == 0 { peers.append(try twin.first(forms[index], figures.losses)) }
        others[index].append(try twin.quietTimes(options.seconds).median)
      }
    }
    result.own.step_seconds = own.median
    result.own.gigaflops_per_second = Double(result.own.contraction_flops) / own.median / 1e9
    for index in peers.indices { peers[index].step_seconds = others[index].median }
    return peers
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
    }
  }
}

/// A twin that waits for what it is asked on its standard input.
private final class TwinProcess {
  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())
  private let name: String
  /// Where it writes what goes wrong.
  private let log = NSTemporaryDirectory() + "recurve-twin-\(UUID().uuidString).log"
  private static let script = "Tools/twins/unseen.py"

  init(_ python: String, _ workload: UnseenWorkload, form: String, numbers: String, threads: Int) throws {
    name = "\(workload.kind.rawValue) \(form)"
    for path in [python, Self.script] where !FileManager.default.fileExists(atPath: path) {
      throw BenchmarkError.missingTwin(path)
    }
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [Self.script, workload.kind.rawValue, form, numbers, "\(threads)"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    _ = try ask("ready")
  }

  func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: log)
  }

  /// The first steps, and what memory they take.
  func first(_ form: String, _ losses: [Double]) throws -> UnseenResult.Peer {
    let own = try ask("step \(losses.count)")
    let difference = zip(own, losses).map { abs($0 - $1) / max(abs($1), 1e-30) }.max() ?? .nan
    // What follows from rounding grows with the steps; the first ones must be the same.
    let first = zip(own, losses).prefix(3).map { abs($0 - $1) / max(abs($1), 1e-30) }.max() ?? .nan
    guard first < 1e-3 else {
      throw BenchmarkError.failedProcess("\(Self.script) \(name)", "the first losses differ: \(own), \(losses)")
    }
    let bytes = try ask("memory")
    return UnseenResult.Peer(
      form: form, step_seconds: .nan, losses: own, difference: difference, work_bytes: Int(bytes.first ?? 0))
  }

  /// From windows as quiet as those that count for us, or from all where there are too few.
  func quietTimes(_ seconds: Double) throws -> [Double] {
    var (quiet, all) = ([Double](), [Double]())
    let watch = Stopwatch()
    while watch.seconds < seconds || (quiet.count < 5 && watch.seconds < seconds * 6 + 30) {
      let load = ProcessorLoad()
      // First its processor time, then the steps'.
      let answer = try ask("time \(TimedWindows.windowSeconds)")
      let others = load.otherShare - (answer.first ?? 0) / load.seconds
      all += answer.dropFirst()
      if others <= TimedWindows.quietShare { quiet += answer.dropFirst() }
    }
    return quiet.count >= 3 ? quiet : all
  }

  /// It stands still otherwise: threads that wait would take processors from others.
  private func ask(_ question: String) throws -> [Double] {
    kill(process.processIdentifier, SIGCONT)
    defer { kill(process.processIdentifier, SIGSTOP) }
    input.fileHandleForWriting.write(Data((question + "\n").utf8))
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first != 10 { line += byte }
    guard let numbers = try? JSONDecoder().decode([Double].self, from: line) else {
      let messages = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      throw BenchmarkError.failedProcess(
        "\(Self.script) \(name)", String((String(decoding: line, as: UTF8.self) + messages).suffix(600)))
    }
    return numbers
  }
}
