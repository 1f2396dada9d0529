import Foundation
import TestSupport
import Testing

@testable import Execution

/// How many workers there are by default, from files as the system writes them.
@Suite struct ProcessorsTests {
  /// A folder in the place of the root, with these files.
  private func quota(_ files: [String: String]) throws -> Double? {
    try withTemporaryFolder { root in
      for (path, text) in files {
        let file = URL(fileURLWithPath: root).appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      return ControlGroups(root: root).processorQuota
    }
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
