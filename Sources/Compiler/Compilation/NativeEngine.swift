import CodeGeneration
import Execution
import TensorTypes

/// Kernels that a C compiler makes, on workers in the planned arena.
struct NativeEngine: Engine {
  let toolchain: Toolchain

  var name: String { "native" }

  func checkMemory(_ plan: CompilationPlan, shared: Set<String>) throws { try plan.checkMemory(shared) }

  func program(
    _ plan: CompilationPlan, _ options: CompilerOptions, shared: [Int: TensorMemory]
  ) throws -> any EngineProgram {
    let compiler = KernelCompiler(
      toolchain: toolchain, cache: options.cache, target: plan.target, provider: options.provider)
    return NativeProgram(
      try Executor(
        Program(plan, shared: Set(shared.keys)), entries: try compiler.entries(plan.schedule.functions),
        workerCount: options.workerCount, shared: shared),
      updating: Set(plan.schedule.results.compactMap(\.updatedParameter)))
  }
}

final class NativeProgram: EngineProgram {
  private let executor: Executor
  /// Of each parameter, whether a run changes it.
  private let isUpdated: [Bool]

  init(_ executor: Executor, updating updated: Set<Int>) {
    self.executor = executor
    isUpdated = executor.parameterMemory.indices.map(updated.contains)
  }

  /// The executor with the newest bytes of all parameters, which may have been on a device.
  func executorAtHome() throws -> Executor {
    try executor.bringParametersHome(updating: isUpdated)
    return executor
  }

  var workerCount: Int { executor.workerCount }
  var lostTime: LostTime { executor.lostTime }
  var residentByteCount: Int { executor.residentByteCount }
  func releaseArena() { executor.releaseArena() }

  func memory(ofParameter index: Int) -> TensorMemory { executor.parameterMemory[index] }
  func place(_ parameter: Int, in memory: TensorMemory) { executor.place(parameter, in: memory) }
  func run() throws { try executorAtHome().run() }
  func result(at index: Int) -> HostTensor { executor.result(index) }
  var temporaryByteCount: Int? { nil }
}
