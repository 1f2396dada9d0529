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
