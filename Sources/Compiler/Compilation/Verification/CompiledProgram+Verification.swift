import Execution
import TensorTypes

extension CompiledProgram {
  /// Bytes before and after each buffer that nothing may write.
  private static let redZone = 256
  private static let patterns: (apart: UInt8, own: UInt8) = (0xA5, 0x5A)

  /// Memory that a watched run needs beyond the program's own, in bytes.
  public var verificationByteCount: Int {
    let apart = plan.placedApart(redZone: Self.redZone)
    return apart.memory.arenaByteCount + apart.persistentByteCount
  }

  /// Runs the graph once, as `run` does, and watches: once with buffers apart and red zones between them, and once in the
  /// planned arena. Memory is filled with another pattern for each, so that the results differ if they depend on it.
  ///
  /// Needs memory for all buffers at once beside the arena, and many times the time of a run. An engine without arena just
  /// runs.
  /// - Throws: `VerificationError`, or `ExecutionError.notEnoughMemory`.
  public func verify() throws -> VerificationReport {
    guard let executor = try executor() else {
      try runUnwatched()
      return VerificationReport()
    }
    try checkParameters()
    holdsResults = false
    let abstractSteps = try plan.runAbstractly()
    let apart = plan.placedApart(redZone: Self.redZone)
    let twin = try executor.twin(of: Program(apart))
    twin.poisonEverything(Self.patterns.apart)
    twin.copyParameters(from: executor)
    let first = WatchedRun(apart, twin, pattern: Self.patterns.apart, hasRedZones: true)
    try first.run()
    let second = WatchedRun(plan, executor, pattern: Self.patterns.own, hasRedZones: false)
    try second.run()
    try compareResults(executor, twin)
    keepResults()
    return VerificationReport(
      abstractSteps: abstractSteps, steps: first.stepCount + second.stepCount,
      comparisons: first.comparisons + second.comparisons,
      redZones: first.redZoneCount, extraByteCount: verificationByteCount)
  }

  private func compareResults(_ executor: Executor, _ twin: Executor) throws {
    let results = plan.schedule.results.enumerated().map { ($1.name, executor.result($0), twin.result($0)) }
    let parameters = plan.schedule.parameters.enumerated().map { ($1.name, executor.parameter($0), twin.parameter($0)) }
    for (name, own, other) in results + parameters where !own.isIdentical(to: other) {
      throw VerificationError(program: plan.schedule.name, fault: .dependsOnUnwrittenMemory(value: name))
    }
  }
}

extension CompilationPlan {
  /// Runs the steps on names instead of numbers, which needs no kernel: what each step reads must be what it means to read.
  ///
  /// - Parameter limit: of steps, of which each iteration of each loop has its own; nil for none.
  /// - Returns: how many steps were run.
  /// - Throws: `VerificationError` with the first fault.
  @discardableResult public func runAbstractly(atMost limit: Int? = nil) throws -> Int {
    try checkRowLoops()
    var run = AbstractRun(self)
    try run.run(atMost: limit)
    return run.stepCount
  }
}
