import Foundation

/// What the machine's processors did since a moment, from the system's counters (proc(5)).
public struct ProcessorLoad {
  private let start = ProcessorLoad.ticks()
  private let own = ProcessorLoad.ownSeconds

  public init() {}

  /// The share of all processor time that other processes and the hypervisor took.
  public var otherShare: Double {
    let (now, ownTicks) = (Self.ticks(), (Self.ownSeconds - own) * Self.ticksPerSecond)
    return max(0, Double(now.busy - start.busy) - ownTicks) / max(1, Double(now.total - start.total))
  }

  /// The share of all processor time that the hypervisor gave to other machines.
  public var stolenShare: Double {
    let now = Self.ticks()
    return Double(now.stolen - start.stolen) / max(1, Double(now.total - start.total))
  }

  /// Processor time that passed, of all processors together, in seconds: the counters move in hundredths of a second.
  public var seconds: Double { Double(Self.ticks().total - start.total) / Self.ticksPerSecond }

  private static var ticksPerSecond: Double { Double(sysconf(Int32(_SC_CLK_TCK))) }

  /// The first line of /proc/stat: user, nice, system, idle, input and output, interrupts, soft interrupts, steal.
  private static func ticks() -> (total: Int, busy: Int, stolen: Int) {
    let text = (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? ""
    let counts = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
    guard counts.count == 8 else { return (0, 0, 0) }
    let total = counts.reduce(0, +)
    return (total, total - counts[3] - counts[4], counts[7])
  }

  /// Processor time of this process and its children, in seconds.
  private static var ownSeconds: Double {
    [RUSAGE_SELF, RUSAGE_CHILDREN].reduce(0) { sum, who in
      var usage = rusage()
      getrusage(who.rawValue, &usage)
      return sum + seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
}
