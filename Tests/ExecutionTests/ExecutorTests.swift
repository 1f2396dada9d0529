import CKernelSupport
import KernelIR
import Testing

@testable import Execution

/// What an executor refuses, and what it says of the memory that kernels write.
@Suite struct ExecutorTests {
  private static func program(_ steps: [Step], arena: Int) -> Program {
    Program(
      name: "test", steps: steps, loopCount: 0, bufferOffsets: [0], parameterOffsets: [], arenaByteCount: arena,
      persistentByteCount: 0, parameters: [], results: [])
  }

  private static func call(hasScratch: Bool = false, shares: Int = 1) -> Step {
    let place = Place(.buffer(0))
    return .call(
      .init(
        function: 0, arguments: hasScratch ? [] : [.init(place, isRead: false, isWritten: true)],
        scratch: hasScratch ? place : nil, shares: shares, launch: 0))
  }

  @Test(arguments: [0, -1, 70_000, .max]) func absurdTeamsAreRefused(_ count: Int) throws {
    #expect(throws: ExecutionError.workerCount(count)) {
      try Executor(Self.program([], arena: 64), entries: [], workerCount: count)
    }
    #expect("\(ExecutionError.workerCount(70_000))".hasPrefix("70000 workers cannot share a program"))
  }

  /// The kernel writes the very bytes of both patterns, in ten of a hundred bytes.
  @Test func bytesThatEqualAPatternCountAsWritten() throws {
    let kernel: recurve_kernel = { buffers, _, _ in
      for index in 0..<10 { buffers![0]![20 + index] = CChar(bitPattern: index % 2 == 0 ? 0xA5 : 0x5A) }
    }
    let step = Self.call()
    let executor = try Executor(Self.program([step], arena: 100), entries: [kernel], workerCount: 1)
    let written = executor.measureWrittenBytes()
    #expect(written.end == 30 && written.count == 10)
    #expect(written.count(in: 25..<100) == 5 && written.count(in: 0..<20) == 0)
  }

  /// Each worker writes its number into its own part of the scratch.
  @Test func everyWorkerComputesItsOwnShares() throws {
    let kernel: recurve_kernel = { _, scratch, share in scratch![Int(share!.pointee.worker) * 64] = 1 }
    let step = Self.call(hasScratch: true, shares: 7)
    let executor = try Executor(Self.program([step], arena: 192), entries: [kernel], workerCount: 3)
    let written = executor.measureWrittenBytes()
    #expect(written.end == 129 && written.count == 3)
  }

  /// In the first run, and in the first after memory was given back, no worker's shares are taken over by others.
  @Test func everyWorkerTouchesItsScratchAtOnce() throws {
    let kernel: recurve_kernel = { _, scratch, share in scratch![Int(share!.pointee.worker) * 64] = 1 }
    let step = Self.call(hasScratch: true, shares: 7)
    let executor = try Executor(Self.program([step], arena: 192), entries: [kernel], workerCount: 3)
    for _ in 0..<2 {
      executor.run()
      // On a busy machine the team becomes smaller.
      if executor.lostTime.smallerLaunches > 0 { return }
      let bytes = executor.memory.step
      #expect([bytes[0], bytes[64], bytes[128]] == [1, 1, 1])
      executor.releaseArena()
    }
  }

  @Test func theProcessGrowsByWhatAStepTouches() throws {
    let byteCount = 32 << 20
    let kernel: recurve_kernel = { buffers, _, _ in
      for offset in stride(from: 0, to: 32 << 20, by: 4096) { buffers![0]![offset] = 1 }
    }
    let step = Self.call()
    let executor = try Executor(Self.program([step], arena: byteCount), entries: [kernel], workerCount: 1)
    // Other tests of this process take and give memory meanwhile: what is given back hides as much of a measurement.
    let growth = (0..<8).lazy.map { _ in executor.measureResidentGrowth() }.first { $0 > byteCount / 2 }
    #expect(growth != nil)
    #expect(executor.residentByteCount >= byteCount)
  }
}
