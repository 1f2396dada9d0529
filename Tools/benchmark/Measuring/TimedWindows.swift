import Foundation
import Recurve

/// Times of a repeated action, kept only from windows in which the rest of the machine was quiet.
struct TimedWindows {
  private(set) var clean: [Double] = []
  private(set) var disturbed: [Double] = []
  private var shares: [Double] = []
  private let fewest: Int
  /// Why the times cannot be relied on; nil where nothing speaks against them.
  private(set) var doubt: String?

  /// A window counts if everything else used at most this share of the machine's processors.
  static let quietShare = 0.03
  /// The shortest window, in seconds.
  static let windowSeconds = 0.4

  /// Runs the action for a number of seconds, longer (up to six times) while there are too few quiet windows.
  ///
  /// - Parameters:
  ///   - program: what the action runs.
  ///   - fewest: so many quiet times are wanted; with 0 seconds, so many are taken.
  init(_ program: CompiledProgram, seconds: Double, fewest: Int, most: Int = .max, _ action: () throws -> Void) rethrows
  {
    self.fewest = fewest
    let watch = StepWatch(program)
    try take(seconds, most, action)
    let seen = watch.times(times, workerCount: program.workerCount)
    // What others did in windows that do not count does not matter.
    doubt =
      StepTimes(
        seconds: times, otherShare: isClean ? nil : otherShare, lost: seen.lost, workerCount: seen.workerCount,
        watchedSeconds: seen.watchedSeconds
      ).doubt
  }

  private mutating func take(_ seconds: Double, _ most: Int, _ action: () throws -> Void) rethrows {
    let start = Stopwatch()
    if seconds == 0 { disturbed = try (0..<fewest).map { _ in try Stopwatch.time(action) } }
    while seconds > 0 {
      try window(action)
      let elapsed = start.seconds
      let isLongEnough = elapsed >= seconds || clean.count >= most
      if isLongEnough && clean.count >= fewest { return }
      if elapsed > seconds * 6 + 30 && clean.count + disturbed.count >= fewest { return }
      if elapsed > Self.mostSeconds(seconds) { return }
    }
  }

  /// When measuring ends however few times there are: after four minutes, or as many seconds as were asked for if these are
  /// more.
  static func mostSeconds(_ seconds: Double) -> Double { max(240, seconds) }

  /// The times that count: those of quiet windows if there are enough, else all.
  var times: [Double] { isClean ? clean : clean + disturbed }
  var isClean: Bool { clean.count >= min(fewest, 3) }
  /// Mean share of the processors that others used.
  var otherShare: Double { shares.isEmpty ? 0 : shares.mean }

  var median: Double { times.median }
  var least: Double { times.min() ?? .nan }

  private mutating func window(_ action: () throws -> Void) rethrows {
    let (load, watch) = (ProcessorLoad(), Stopwatch())
    var times: [Double] = []
    while times.isEmpty || watch.seconds < Self.windowSeconds { times.append(try Stopwatch.time(action)) }
    shares.append(load.otherShare)
    if load.otherShare <= Self.quietShare { clean += times } else { disturbed += times }
  }
}

/// Times of what runs step by step on its own account: another process, or many runs in one.
enum QuietTimes {
  /// From windows as quiet as those of `TimedWindows`, or from all where there are too few.
  ///
  /// - Parameters:
  ///   - seconds: to measure, longer (up to six times and half a minute) while there are too few; 0 for one window.
  ///   - window: gives the times of its steps, and the processor time of others that is theirs.
  static func taken(
    _ seconds: Double, _ window: () throws -> (times: [Double], busySeconds: Double)
  ) rethrows -> [Double] {
    var (quiet, all) = ([Double](), [Double]())
    let (watch, most) = (Stopwatch(), seconds == 0 ? 0 : seconds * 6 + 30)
    while all.isEmpty || watch.seconds < seconds || (quiet.count < 5 && watch.seconds < most) {
      let load = ProcessorLoad()
      let found = try window()
      all += found.times
      if load.otherShare - found.busySeconds / load.seconds <= TimedWindows.quietShare { quiet += found.times }
    }
    return quiet.count >= 3 ? quiet : all
  }
}

/// Seconds since a moment.
struct Stopwatch {
  private let start = ContinuousClock.now

  var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  static func time(_ action: () throws -> Void) rethrows -> Double {
    let watch = Stopwatch()
    try action()
    return watch.seconds
  }
}
