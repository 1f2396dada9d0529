import Compilation
import Diagrams
import Foundation
import Reports
import Synchronization
import Training

/// One run of an experiment: its seeds, its folder, its threads.
public final class ExperimentRun: Sendable {
  public let seeds: [UInt64]
  /// Where pictures go.
  public let folder: String
  /// For models that share the processors with other seeds' models.
  public let options = CompilerOptions(workerCount: 1)
  private let experiment: String
  private let threadCount: Int
  private let showsProgress: Bool

  /// - Parameter threadCount: how many seeds are trained at once.
  public init(
    _ experiment: Experiment, seeds: [UInt64]? = nil, folder: String,
    threadCount: Int = ProcessInfo.processInfo.activeProcessorCount, showsProgress: Bool = true
  ) {
    self.experiment = experiment.name
    self.seeds = seeds ?? (1...UInt64(experiment.seedCount)).map { $0 }
    self.folder = folder
    self.threadCount = threadCount
    self.showsProgress = showsProgress
  }

  /// Measures with every seed, several at once.
  ///
  /// - Returns: one result per seed, in the order of the seeds.
  /// - Throws: what `body` throws, `ExperimentInterrupted` after Ctrl-C.
  public func overSeeds<Result: Sendable>(
    _ label: String, _ body: @Sendable (UInt64) throws -> Result
  ) throws -> [Result] {
    try overSeeds(of: [label], label) { _, seed in try body(seed) }[0]
  }

  /// Measures each of several kinds with every seed; no processor waits for the last seed of a kind.
  ///
  /// - Returns: one result per seed for each kind.
  /// - Throws: what `body` throws, `ExperimentInterrupted` after Ctrl-C.
  public func overSeeds<Kind: Sendable, Result: Sendable>(
    of kinds: [Kind], _ label: String, _ body: @Sendable (Kind, UInt64) throws -> Result
  ) throws -> [[Result]] {
    let results = try inParallel(kinds.count * seeds.count, label) { index in
      try body(kinds[index / seeds.count], seeds[index % seeds.count])
    }
    return kinds.indices.map { Array(results[$0 * seeds.count..<($0 + 1) * seeds.count]) }
  }

  private func inParallel<Result: Sendable>(
    _ count: Int, _ label: String, _ body: @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let places = Mutex<[Swift.Result<Result, any Error>?]>(Array(repeating: nil, count: count))
    let bar = Mutex((bar: ProgressBar(total: count, start: 0), done: 0))
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: min(threadCount, count)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        if index >= count || Interruption.isRequested { return }
        let result = Swift.Result { try body(index) }
        places.withLock { $0[index] = result }
        if showsProgress {
          bar.withLock { state in
            state.done += 1
            state.bar.show(state.done, "\(experiment) \(label)")
          }
        }
      }
    }
    return try places.withLock { $0 }.map { place in
      guard let place else { throw ExperimentInterrupted() }
      return try place.get()
    }
  }

  /// Draws a chart into the folder.
  public func draw(_ chart: Chart, as name: String, caption: String) throws -> Findings.Picture {
    for ending in ["svg", "png"] { try chart.write(to: "\(folder)/\(name).\(ending)") }
    return Findings.Picture(name: name, caption: caption)
  }

  /// Draws a network with its weights into the folder.
  public func draw(_ network: NetworkDiagram, as name: String, caption: String) throws -> Findings.Picture {
    for ending in ["svg", "png"] { try network.write(to: "\(folder)/\(name).\(ending)") }
    return Findings.Picture(name: name, caption: caption)
  }
}

/// Ctrl-C before an experiment was done.
public struct ExperimentInterrupted: Error, Hashable, CustomStringConvertible {
  public init() {}

  public var description: String { "interrupted" }
}
