import Execution
import KernelIR
import Scheduling
import TensorTypes

extension Program {
  /// The schedule with the addresses of the memory plan.
  init(_ plan: CompilationPlan) {
    self.init(plan, offsets: plan.persistentOffsets, byteCount: plan.persistentByteCount)
  }

  /// Of which some parameters lie in memory that is not the program's own; the others lie closer together then.
  init(_ plan: CompilationPlan, shared: Set<Int>) {
    guard !shared.isEmpty else {
      self.init(plan)
      return
    }
    let empty = TensorType(.float32, [0])
    let types = plan.schedule.parameters.enumerated().map { shared.contains($0) ? empty : $1.type }
    let (offsets, byteCount) = TensorMemory.layout(types)
    self.init(plan, offsets: offsets, byteCount: byteCount)
  }

  private init(_ plan: CompilationPlan, offsets: [Int], byteCount: Int) {
    func binding(_ binding: Schedule.Binding) -> Program.Binding {
      Program.Binding(name: binding.name, type: binding.type, place: binding.place)
    }
    self.init(
      name: plan.schedule.name, steps: plan.schedule.steps, loopCount: plan.schedule.loopCount,
      bufferOffsets: plan.memory.offsets, parameterOffsets: offsets, arenaByteCount: plan.memory.arenaByteCount,
      persistentByteCount: byteCount, parameters: plan.schedule.parameters.map(binding),
      results: plan.schedule.results.map(binding))
  }
}
