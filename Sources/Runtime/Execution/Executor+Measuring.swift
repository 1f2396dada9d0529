import CKernelSupport
import Foundation

extension Executor {
  /// Which bytes of the step arena a run writes, every worker computing its own shares; parameters keep their values.
  public func measureWrittenBytes() -> WrittenBytes {
    var written = WrittenBytes(byteCount: arena.byteCount)
    for pattern in WrittenBytes.patterns {
      keepingParameters {
        arena.fill(pattern)
        runInTurn()
        written.add(arena.base, pattern: pattern)
      }
    }
    return written
  }

  /// By how many bytes the resident memory of the process grows, as the system counts it, in a run that begins with an
  /// arena that is nowhere in memory; in whole pages. Parameters keep their values.
  public func measureResidentGrowth() -> Int {
    var growth = 0
    keepingParameters {
      run()
      releaseArena()
      let before = ResidentMemory.byteCount
      run()
      growth = ResidentMemory.byteCount - before
    }
    return max(0, growth)
  }

  private func keepingParameters(_ body: () -> Void) {
    let saved = savedParameters()
    body()
    restoreParameters(saved)
  }

  /// The bytes of all parameters.
  public func savedParameters() -> [Data] { parameterMemory.map { Data($0.bytes) } }

  public func restoreParameters(_ saved: [Data]) {
    for (memory, bytes) in zip(parameterMemory, saved) { bytes.withUnsafeBytes(memory.write) }
  }

  /// Gives the memory of the step arena back to the system until the next run; parameters stay, results are lost.
  public func releaseArena() {
    arena.release()
    isUntouched = true
  }

  /// Bytes of the step arena that are in memory, in whole pages: 2 MiB each where the system has huge ones.
  public var residentByteCount: Int { arena.residentByteCount }

  /// Fills the step arena with a pattern: what depends on memory that nothing wrote shows itself in the next run.
  public func poison(_ pattern: UInt8) { arena.fill(pattern) }

  /// Fills all memory of the program's own with a pattern, parameters included.
  public func poisonEverything(_ pattern: UInt8) {
    arena.fill(pattern)
    persistent.fill(pattern)
  }

  /// Runs once on an arena filled with a pattern.
  public func runPoisoned(_ pattern: UInt8) {
    poison(pattern)
    run()
  }

  /// The step arena, and the memory of parameters that are the program's own, for those who look at it between steps.
  public var memory: (step: UnsafeRawBufferPointer, persistent: UnsafeRawBufferPointer) {
    (
      UnsafeRawBufferPointer(start: arena.base, count: arena.byteCount),
      UnsafeRawBufferPointer(start: persistent.base, count: persistent.byteCount)
    )
  }

  /// The bytes of a parameter, wherever they are.
  public func bytes(ofParameter index: Int) -> UnsafeRawBufferPointer { parameterMemory[index].bytes }

  /// An executor of another program made of the same functions, without threads, all parameters in memory of its own.
  ///
  /// - Throws: `ExecutionError.notEnoughMemory`.
  public func twin(of program: Program) throws -> Executor {
    try Executor(program, entries: entries, workerCount: workerCount, hasThreads: false)
  }

  /// Sets all parameters, in order, to those of a program with the same ones.
  public func copyParameters(from other: Executor) {
    for (own, others) in zip(parameterMemory, other.parameterMemory) { own.copy(from: others) }
  }
}
