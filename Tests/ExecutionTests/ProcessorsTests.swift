import Foundation
import TestSupport
import Testing

@testable import Execution

/// How many workers there are by default, from files as the system writes them.
@Suite struct ProcessorsTests {
  private func quota(_ files: [String: String]) throws -> Double? { try groups(files, \.processorQuota) }

  /// A folder in the place of the root, with these files.
  private func groups<Limit>(_ files: [String: String], _ limit: (ControlGroups) -> Limit) throws -> Limit {
    try withTemporaryFolder { root in
      for (path, text) in files {
        let file = URL(fileURLWithPath: root).appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      return limit(ControlGroups(root: root))
    }
  }

  /// A limit leaves what is not in use; files in memory make room.
  @Test func memoryIsWhatTheTightestGroupLeaves() throws {
    func room(_ files: [String: String]) throws -> Int? { try groups(files, \.availableByteCount) }
    #expect(try room([:]) == nil)
    let slice = "sys/fs/cgroup/slice"
    let unified = [
      "proc/self/cgroup": "0::/slice/unit\n", "\(slice)/memory.max": "5000000\n",
      "\(slice)/memory.current": "1000000\n",
      "\(slice)/unit/memory.max": "max\n", "\(slice)/unit/memory.current": "900000\n",
    ]
    #expect(try room(unified) == 4_000_000)
    let stat = ["\(slice)/memory.stat": "anon 600000\ninactive_file 300000\nactive_file 1\n"]
    #expect(try room(unified.merging(stat) { first, _ in first }) == 4_300_001)
    let over = ["\(slice)/unit/memory.max": "800000\n"]
    #expect(try room(unified.merging(over) { _, second in second }) == 0)
    let memory = "sys/fs/cgroup/memory/a"
    let separate = [
      "proc/self/cgroup": "7:memory:/a\n", "\(memory)/memory.limit_in_bytes": "2000000\n",
      "\(memory)/memory.usage_in_bytes": "700000\n", "\(memory)/memory.stat": "total_inactive_file 200000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    ]
    #expect(try room(separate) == 1_500_000)
  }

  @Test func withoutGroupsThereIsNoLimit() throws {
    #expect(try quota([:]) == nil)
    #expect(try quota(["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"]) == nil)
    #expect(
      try quota([
        "proc/self/cgroup": "3:cpu,cpuacct:/\n", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      ]) == nil)
  }

  @Test func theTightestOfNestedGroupsCounts() throws {
    let unified = [
      "proc/self/cgroup": "0::/slice/service/unit\n", "sys/fs/cgroup/slice/cpu.max": "150000 100000\n",
      "sys/fs/cgroup/slice/service/cpu.max": "max 100000\n",
      "sys/fs/cgroup/slice/service/unit/cpu.max": "300000 100000\n",
    ]
    #expect(try quota(unified) == 1.5)
    let separate = [
      "proc/self/cgroup": "9:name=systemd:/\n4:cpu,cpuacct:/a/b\n",
      "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "250000\n",
      "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000",
      "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us": "50000\n",
      "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us": "25000",
    ]
    #expect(try quota(separate) == 2)
  }

  /// In a container the group's path may be the host's; the limit then lies at the root of the mount.
  @Test func aPathThatIsNotThereFallsBackToTheMount() throws {
    #expect(try quota(["proc/self/cgroup": "0::/host/only\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"]) == 0.5)
  }

  @Test func brokenFilesLimitNothing() throws {
    #expect(try quota(["proc/self/cgroup": "nonsense\n::\n0::/\n", "sys/fs/cgroup/cpu.max": "many few\n"]) == nil)
    #expect(try quota(["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "1000 0\n"]) == nil)
  }

  @Test func startedProcessorsCountAsWhole() {
    #expect(Processors(allowed: 8, quota: nil).usable == 8)
    #expect(Processors(allowed: 8, quota: 1.5).usable == 2)
    #expect(Processors(allowed: 2, quota: 16).usable == 2)
    #expect(Processors(allowed: 8, quota: 0.1).usable == 1)
    #expect(Processors().usable >= 1)
  }
}
