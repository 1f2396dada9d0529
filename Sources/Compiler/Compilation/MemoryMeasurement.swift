import Execution
import Scheduling

/// What a run of a program did to memory, in bytes.
public struct MemoryMeasurement: Sendable {
  /// From the step arena's beginning to one past the highest address that a run wrote: what the plan promises.
  public var highestByteCount: Int
  /// How many bytes of the step arena a run wrote at least once; those between buffers never are.
  public var writtenByteCount: Int
  /// By how much the process grew in a run that began without an arena, as the system counts it: in whole pages.
  public var residentGrowth: Int
  /// How many bytes of each buffer a run wrote, in the schedule's order, found with a plan whose buffers lie apart; nil
  /// where there was no memory for it.
  public var buffers: [Int]?
}

extension CompiledProgram {
  /// Measures memory with several runs; parameters keep their values, results are lost. Nil on an engine that has no arena of the plan's.
  ///
  /// - Parameter countsBuffers: whether to count the bytes of each buffer, which needs memory for all of them at once.
  public func measureMemory(countsBuffers: Bool = true) throws -> MemoryMeasurement? {
    guard let executor = try executor() else { return nil }
    holdsResults = false
    let written = executor.measureWrittenBytes()
    return MemoryMeasurement(
      highestByteCount: written.end, writtenByteCount: written.count,
      residentGrowth: executor.measureResidentGrowth(), buffers: countsBuffers ? writtenBytesOfBuffers(executor) : nil)
  }

  private func writtenBytesOfBuffers(_ executor: Executor) -> [Int]? {
    let apart = plan.placedApart(redZone: 0)
    guard let twin = try? executor.twin(of: Program(apart)) else { return nil }
    twin.copyParameters(from: executor)
    let written = twin.measureWrittenBytes()
    return zip(apart.memory.offsets, plan.schedule.problem.buffers).map { offset, buffer in
      written.count(in: offset..<offset + buffer.byteCount)
    }
  }
}

extension CompilationPlan {
  /// The same program with no two buffers at one address.
  ///
  /// - Parameter redZone: bytes before, between and after buffers and parameters, a multiple of 64.
  func placedApart(redZone: Int) -> CompilationPlan {
    func offsets(_ byteCounts: [Int]) -> ([Int], end: Int) {
      var end = redZone
      let offsets = byteCounts.map { byteCount in
        defer { end += (byteCount + 63) / 64 * 64 + redZone }
        return end
      }
      return (offsets, end)
    }
    var apart = self
    (apart.memory.offsets, apart.memory.arenaByteCount) = offsets(schedule.problem.buffers.map(\.byteCount))
    (apart.persistentOffsets, apart.persistentByteCount) = offsets(schedule.parameters.map(\.type.byteCount))
    return apart
  }
}
