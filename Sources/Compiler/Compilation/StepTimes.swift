import Execution
import Foundation

/// Times of repeated runs of a program, and whether they can be relied on.
public struct StepTimes: Sendable {
  /// Of each run.
  public var seconds: [Double]
  /// The share of all processors' time that other programs took; nil where the runs were too short to tell.
  public var otherShare: Double?
  public var lost: LostTime
  public var workerCount: Int
  /// In which time was lost: these runs, and others that were not timed or do not count.
  public var watchedSeconds: Double

  /// - Parameter watchedSeconds: nil where only these runs were watched.
  public init(
    seconds: [Double], otherShare: Double?, lost: LostTime, workerCount: Int, watchedSeconds: Double? = nil
  ) {
    (self.seconds, self.otherShare, self.lost, self.workerCount) = (seconds, otherShare, lost, workerCount)
    self.watchedSeconds = watchedSeconds ?? seconds.reduce(0, +)
  }

  /// Runs a program so many times.
  ///
  /// - Throws: `EngineError`.
  public init(_ program: CompiledProgram, workerCount: Int, repetitions: Int) throws {
    let watch = StepWatch(program)
    let seconds = try (0..<max(repetitions, 1)).map { _ in
      let start = ContinuousClock.now
      try program.run()
      return (ContinuousClock.now - start) / .seconds(1)
    }
    self = watch.times(seconds, workerCount: workerCount)
  }

  private static let (mostSpread, mostShare) = (0.3, 0.1)

  /// Between the shortest and the longest run, the tenth on either side left out, in units of the median.
  public var spread: Double {
    let sorted = seconds.sorted()
    guard !sorted.isEmpty, sorted[sorted.count / 2] > 0 else { return 0 }
    let omitted = sorted.count / 10
    return (sorted[sorted.count - 1 - omitted] - sorted[omitted]) / sorted[sorted.count / 2]
  }

  /// Why the times cannot be relied on; nil where nothing speaks against them.
  public var doubt: String? {
    let workerSeconds = watchedSeconds * Double(workerCount)
    let lostShare = workerSeconds > 0 ? min(1, lost.seconds / workerSeconds) : 0
    var reasons: [String] = []
    if spread > Self.mostSpread { reasons.append("runs differ by \(percent(spread))") }
    if let otherShare, otherShare > Self.mostShare {
      reasons.append("other programs took \(percent(otherShare)) of the processors")
    }
    if lostShare > Self.mostShare { reasons.append("workers waited \(percent(lostShare)) of the time for a processor") }
    if lost.smallerLaunches > 0 {
      reasons.append("fewer workers than planned ran \(lost.smallerLaunches) of \(lost.launches) launches")
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: ", ")
  }

  private func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }
}

/// Looks at what else the machine does while a program runs.
public struct StepWatch {
  private let program: CompiledProgram
  private let load = ProcessorLoad()
  private let before: LostTime
  private let start = ContinuousClock.now

  /// Counters of hundredths of a second say nothing about less than some tenths.
  private static let fewestProcessorSeconds = 0.3

  public init(_ program: CompiledProgram) {
    self.program = program
    before = program.lostTime
  }

  /// Times of runs since the watch began.
  public func times(_ seconds: [Double], workerCount: Int) -> StepTimes {
    StepTimes(
      seconds: seconds, otherShare: load.seconds >= Self.fewestProcessorSeconds ? load.otherShare : nil,
      lost: program.lostTime - before, workerCount: workerCount,
      watchedSeconds: (ContinuousClock.now - start) / .seconds(1))
  }
}
