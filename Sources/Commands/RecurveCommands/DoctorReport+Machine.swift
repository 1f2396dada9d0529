import Execution
import Foundation

/// Whether the machine is this process's alone.
extension DoctorReport {
  /// Looks for half a second at what else runs.
  mutating func checkMachine() {
    let processors = Processors()
    note("processors", processors.quota == nil, Self.text(processors))
    let load = ProcessorLoad()
    usleep(500_000)
    let (others, stolen) = (load.otherShare * Double(Self.onlineCount), load.stolenShare)
    let average = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").first ?? "?"
    note("other programs", others < 0.1, Self.text(others: others, average: String(average)))
    note(
      "hypervisor", stolen < 0.01,
      String(format: "gave %.1f %% of the processors' time to other machines", stolen * 100)
        + (stolen < 0.01 ? "" : ": times measured here cannot be relied on"))
  }

  private static var onlineCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  static func text(_ processors: Processors) -> String {
    guard let quota = processors.quota else { return "\(processors.allowed)" }
    return String(
      format: "%d, of which control groups grant the time of %.2f: %d %@ by default", processors.allowed, quota,
      processors.usable, processors.usable == 1 ? "worker" : "workers")
  }

  static func text(others: Double, average: String) -> String {
    let text = String(format: "use %.1f of %d processors, load average %@", others, onlineCount, average)
    return others < 0.1 ? text : text + ": the machine is shared, times measured here cannot be relied on"
  }
}
