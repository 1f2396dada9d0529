import Foundation

/// The limits that the process's control groups and all those around them set, of either version.
struct ControlGroups {
  /// The folder that holds `proc` and `sys`.
  let root: String

  /// The smallest quota of processor time divided by its period.
  var processorQuota: Double? {
    folders(of: "cpu").compactMap { $0.isUnified ? unifiedQuota($0.path) : separateQuota($0.path) }.min()
  }

  /// Bytes that the tightest limit leaves; files that the system keeps in memory, and what it can take back, make room.
  var availableByteCount: Int? {
    folders(of: "memory").compactMap { folder in
      folder.isUnified
        ? room(folder.path, limit: "memory.max", use: "memory.current", prefix: "")
        : room(folder.path, limit: "memory.limit_in_bytes", use: "memory.usage_in_bytes", prefix: "total_")
    }.min()
  }

  private static let reclaimed = ["inactive_file", "active_file", "slab_reclaimable"]

  // MARK: Groups

  private struct Folder {
    var path: String
    /// Of version 2.
    var isUnified: Bool
  }

  /// The folders that limit what a controller gives.
  private func folders(of controller: String) -> [Folder] {
    let memberships = text("proc/self/cgroup").split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    }
    return memberships.filter { $0.count == 3 }.flatMap { membership -> [Folder] in
      let (controllers, path) = (membership[1], membership[2])
      if controllers.isEmpty {
        return folders(["sys/fs/cgroup", "sys/fs/cgroup/unified"], path).map { Folder(path: $0, isUnified: true) }
      }
      guard controllers.split(separator: ",").contains(Substring(controller)) else { return [] }
      let mounts = Set(["sys/fs/cgroup/\(controller)", "sys/fs/cgroup/\(controllers)"])
      return folders(mounts.sorted(), path).map { Folder(path: $0, isUnified: false) }
    }
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

  // MARK: Numbers

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

  private func room(_ folder: String, limit: String, use: String, prefix: String) -> Int? {
    // No number, `max`, is no limit.
    guard let limit = number("\(folder)/\(limit)"), limit >= 0 else { return nil }
    let lines: [[Substring]] = text("\(folder)/memory.stat").split(separator: "\n").map { $0.split(separator: " ") }
    let names = Self.reclaimed.map { prefix + $0 }
    let kept = lines.filter { $0.count == 2 && names.contains(String($0[0])) }.compactMap { Double($0[1]) }.reduce(0, +)
    let used = number("\(folder)/\(use)") ?? 0
    let room = limit - max(used - kept, 0)
    return Int(exactly: max(room, 0).rounded(.down)) ?? .max
  }

  private func number(_ path: String) -> Double? {
    Double(text(path).trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private func text(_ path: String) -> String {
    (try? String(contentsOfFile: root.hasSuffix("/") ? root + path : "\(root)/\(path)", encoding: .utf8)) ?? ""
  }
}
