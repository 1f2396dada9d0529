import Foundation
import Recurve
import Testing

@testable import recurve_benchmark

/// Decoding as it is measured.
@Suite struct DecodingTests {
  @Test func rowsGoOnUntilTheCacheIsFull() throws {
    let workload = try DecodingWorkload(batch: 2, threads: 1)
    let tokens = try workload.tokens()
    #expect(tokens.count == 2 && tokens.allSatisfy { $0.count == DecodingWorkload.count })
    let result = try workload.measure(python: nil, rounds: 1, seconds: 0)
    #expect(result.step_seconds > 0 && result.peers.isEmpty)
    // Keys and values, 6 layers of 2 rows of 256 positions of 256 numbers, and the position.
    #expect(result.cache_bytes == 2 * 6 * 2 * 256 * 256 * 4 + 4)
    #expect(result.lines.hasPrefix("2 rows: ") && result.lines.hasSuffix("cache 6.3 MB"))
  }
}
