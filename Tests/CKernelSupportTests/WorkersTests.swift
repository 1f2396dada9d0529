import CKernelSupport
import Foundation
import Testing

@Suite(.serialized) struct WorkersTests {
  /// Every share counts in a slot of its own; the join makes the counts visible.
  @Test(arguments: [(1, 1), (1, 5), (2, 2), (2, 9), (3, 48), (7, 30)] as [(Int64, Int64)])
  func everyShareRunsExactlyOnce(_ workers: Int64, _ shares: Int64) throws {
    let pool = try #require(recurve_pool_create(workers))
    defer { recurve_pool_destroy(pool) }
    #expect(recurve_pool_worker_count(pool) == workers)
    let counts = UnsafeMutablePointer<Int64>.allocate(capacity: Int(shares) * 8)
    counts.initialize(repeating: 0, count: Int(shares) * 8)
    defer { counts.deallocate() }
    var wrongRuns = 0
    for run in 1...10_000 {
      recurve_pool_run(
        pool,
        { context, share in
          let isPossible = share.pointee.worker < share.pointee.workers && share.pointee.index < share.pointee.count
          context!.assumingMemoryBound(to: Int64.self)[Int(share.pointee.index) * 8] += isPossible ? 1 : 1_000_000
        }, counts, shares)
      for share in 0..<Int(shares) where counts[share * 8] != Int64(run) { wrongRuns += 1 }
    }
    #expect(wrongRuns == 0)
  }

  /// The caller's first share lasts until the other worker has run all others, the caller's own too.
  @Test func whoIsReadyHelpsWhoIsLate() throws {
    let pool = try #require(recurve_pool_create(2))
    defer { recurve_pool_destroy(pool) }
    var ranBy: [Int64] = Array(repeating: -1, count: 8)
    ranBy.withUnsafeMutableBytes { bytes in
      recurve_pool_run(
        pool,
        { context, share in
          let ranBy = context!.assumingMemoryBound(to: Int64.self)
          var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000), patience = 10_000
          while share.pointee.index == 0, (1..<8).contains(where: { ranBy[$0] < 0 }), patience > 0 {
            nanosleep(&pause, nil)
            patience -= 1
          }
          ranBy[Int(share.pointee.index)] = share.pointee.worker
        }, bytes.baseAddress, 8)
    }
    #expect(ranBy == [0, 1, 1, 1, 1, 1, 1, 1])
  }

  /// However ready the others are, a worker's shares wait for it.
  @Test func apartEveryWorkerRunsItsOwnShares() throws {
    let pool = try #require(recurve_pool_create(3))
    defer { recurve_pool_destroy(pool) }
    var ranBy: [Int64] = Array(repeating: -1, count: 7)
    ranBy.withUnsafeMutableBytes { bytes in
      recurve_pool_run_apart(
        pool,
        { context, share in
          var pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)
          if share.pointee.worker == 0 { nanosleep(&pause, nil) }
          context!.assumingMemoryBound(to: Int64.self)[Int(share.pointee.index)] = share.pointee.worker
        }, bytes.baseAddress, 7)
    }
    #expect(ranBy == [0, 0, 1, 1, 2, 2, 2])
  }

  @Test func sleepersWakeAgain() throws {
    let pool = try #require(recurve_pool_create(2))
    defer { recurve_pool_destroy(pool) }
    var count: Int64 = 0
    for _ in 0..<20 {
      recurve_pool_run(
        pool,
        { context, share in
          if share.pointee.index == 1 { context!.assumingMemoryBound(to: Int64.self).pointee += 1 }
        }, &count, 2)
      // Longer than the threads spin.
      var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
      nanosleep(&pause, nil)
    }
    #expect(count == 20)
  }

  @Test func aLongShareIsWaitedFor() throws {
    let pool = try #require(recurve_pool_create(3))
    defer { recurve_pool_destroy(pool) }
    var count: Int64 = 0
    recurve_pool_run(
      pool,
      { context, share in
        guard share.pointee.index == 2 else { return }
        var pause = timespec(tv_sec: 0, tv_nsec: 30_000_000)
        nanosleep(&pause, nil)
        context!.assumingMemoryBound(to: Int64.self).pointee += 1
      }, &count, 3)
    #expect(count == 1)
  }

  /// More shares than the word of a part counts.
  @Test func manySharesRunExactlyOnce() throws {
    let pool = try #require(recurve_pool_create(2))
    defer { recurve_pool_destroy(pool) }
    let counts = UnsafeMutablePointer<UInt8>.allocate(capacity: 200_001)
    counts.initialize(repeating: 0, count: 200_001)
    defer { counts.deallocate() }
    recurve_pool_run(
      pool, { context, share in context!.assumingMemoryBound(to: UInt8.self)[Int(share.pointee.index)] += 1 }, counts,
      200_001)
    #expect((0..<200_001).allSatisfy { counts[$0] == 1 })
  }

  /// Before, at and after the wrap of the counter of runs, parts that were never taken included.
  @Test(arguments: [2, 3, 5] as [Int64]) func noShareRunsTwiceWhenTheCounterWraps(_ workers: Int64) throws {
    let pool = try #require(recurve_pool_create(workers))
    defer { recurve_pool_destroy(pool) }
    recurve_pool_count_from(pool, .max - 500)
    var wrongRuns = 0
    for run in 0..<1000 {
      let shares = workers + Int64(run % 3)
      var counts = [Int64](repeating: 0, count: Int(shares))
      counts.withUnsafeMutableBufferPointer { counts in
        recurve_pool_run(
          pool, { context, share in context!.assumingMemoryBound(to: Int64.self)[Int(share.pointee.index)] += 1 },
          counts.baseAddress, shares)
      }
      if counts.contains(where: { $0 != 1 }) { wrongRuns += 1 }
    }
    #expect(wrongRuns == 0)
  }

  @Test func noTeamBecomesSmallerThanHalf() {
    #expect((1...6 as ClosedRange<Int64>).map { recurve_smallest_team($0) } == [1, 1, 2, 2, 3, 3])
  }

  @Test func impossibleTeamsAreRefused() {
    #expect(recurve_pool_create(0) == nil && recurve_pool_create(1 << 40) == nil)
    #expect(recurve_pool_create(Int64(RECURVE_MOST_WORKERS) + 1) == nil && errno == EINVAL)
    recurve_pool_destroy(nil)
  }
}
