import CKernelSupport
import Foundation

/// How many processors this process may use.
public struct Processors: Sendable {
  /// Those of the affinity mask.
  public var allowed: Int
  /// Processor time per time that the control groups around the process grant; nil without a limit.
  public var quota: Double?

  public init(allowed: Int, quota: Double?) {
    self.allowed = allowed
    self.quota = quota
  }

  /// Those of this machine.
  ///
  /// - Parameter root: the folder that holds `proc` and `sys`.
  public init(root: String = "/") {
    self.init(allowed: Int(recurve_allowed_cpu_count()), quota: ControlGroups(root: root).processorQuota)
  }

  /// Threads that can run at once: a started processor counts as one.
  public var usable: Int {
    guard let quota, quota < Double(allowed) else { return max(1, allowed) }
    return max(1, Int(quota.rounded(.up)))
  }
}

/// The limits that the process's control groups and all those around them set, of either version.
struct ControlGroups {
  let root: String

  /// The smallest quota of processor time divided by its period.
  var processorQuota: Double? {
    let memberships = text("proc/self/cgroup").split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    }
    return memberships.filter { $0.count == 3 }.flatMap { quotas(controllers: $0[1], path: $0[2]) }.min()
  }

  private func quotas(controllers: String, path: String) -> [Double] {
    if controllers.isEmpty {
      return folders(["sys/fs/cgroup", "sys/fs/cgroup/unified"], path).compactMap(unifiedQuota)
    }
    guard controllers.split(separator: ",").contains("cpu") else { return [] }
    return folders(["sys/fs/cgroup/cpu", "sys/fs/cgroup/\(controllers)"], path).compactMap(separateQuota)
  }

  /// The folders of a group and of those around it. In a container the path may be one of the host's, which is not there.
  private func folders(_ mounts: [String], _ path: String) -> [String] {
    var parts = path.split(separator: "/")
    var folders: [String] = []
    while !parts.isEmpty {
      folders += mounts.map { "\($0)/\(parts.joined(separator: "/"))" }
      parts.removeLast()
    }
    return folders + mounts
  }

  /// `cpu.max` holds quota and period, or `max` and the period.
  private func unifiedQuota(_ folder: String) -> Double? {
    let numbers = text("\(folder)/cpu.max").split(whereSeparator: \.isWhitespace).map { Double($0) }
    return numbers.count == 2 ? quotient(numbers[0], numbers[1]) : nil
  }

  /// A quota of -1 is none.
  private func separateQuota(_ folder: String) -> Double? {
    quotient(number("\(folder)/cpu.cfs_quota_us"), number("\(folder)/cpu.cfs_period_us"))
  }

  private func quotient(_ quota: Double?, _ period: Double?) -> Double? {
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return quota / period
  }

  private func number(_ path: String) -> Double? {
    Double(text(path).trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private func text(_ path: String) -> String {
    (try? String(contentsOfFile: root.hasSuffix("/") ? root + path : "\(root)/\(path)", encoding: .utf8)) ?? ""
  }
}
