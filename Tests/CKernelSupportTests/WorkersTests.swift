import CKernelSupport
import Foundation
import Testing

@Suite(.serialized) struct WorkersTests {
  /// Every worker counts in a slot of its own; the join makes the counts visible.
  @Test(arguments: [1, 2, 3, 7]) func everyWorkerRunsExactlyOnce(_ workers: Int64) throws {
    let pool = try #require(recurve_pool_create(workers))
    defer { recurve_pool_destroy(pool) }
    #expect(recurve_pool_worker_count(pool) == workers)
    // The last slot counts calls with a wrong number of workers.
    let counts = UnsafeMutablePointer<Int64>.allocate(capacity: Int(workers) * 16)
    counts.initialize(repeating: 0, count: Int(workers) * 16)
    defer { counts.deallocate() }
    var wrongRuns = 0
    for run in 1...10_000 {
      recurve_pool_run(
        pool,
        { context, worker, workers in
          context!.assumingMemoryBound(to: Int64.self)[Int(worker) * 16] += workers > worker ? 1 : 1_000_000
        }, counts)
      for worker in 0..<Int(workers) where counts[worker * 16] != Int64(run) { wrongRuns += 1 }
    }
    #expect(wrongRuns == 0)
  }

  @Test func sleepersWakeAgain() throws {
    let pool = try #require(recurve_pool_create(2))
    defer { recurve_pool_destroy(pool) }
    var count: Int64 = 0
    for _ in 0..<20 {
      recurve_pool_run(
        pool,
        { context, worker, _ in
          if worker == 1 { context!.assumingMemoryBound(to: Int64.self).pointee += 1 }
        }, &count)
      // Longer than the threads spin.
      var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
      nanosleep(&pause, nil)
    }
    #expect(count == 20)
  }

  @Test func aLongWorkerIsWaitedFor() throws {
    let pool = try #require(recurve_pool_create(3))
    defer { recurve_pool_destroy(pool) }
    var count: Int64 = 0
    recurve_pool_run(
      pool,
      { context, worker, _ in
        guard worker == 2 else { return }
        var pause = timespec(tv_sec: 0, tv_nsec: 30_000_000)
        nanosleep(&pause, nil)
        context!.assumingMemoryBound(to: Int64.self).pointee += 1
      }, &count)
    #expect(count == 1)
  }

  @Test func impossibleTeamsAreRefused() {
    #expect(recurve_pool_create(0) == nil && recurve_pool_create(1 << 40) == nil)
    recurve_pool_destroy(nil)
  }
}
