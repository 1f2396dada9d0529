import Execution
import Scheduling

extension Program {
  /// The schedule with the addresses of the memory plan.
  init(_ plan: CompilationPlan) {
    func binding(_ binding: Schedule.Binding) -> Program.Binding {
      Program.Binding(name: binding.name, type: binding.type, place: binding.place)
    }
    self.init(
      name: plan.schedule.name, steps: plan.schedule.steps, loopCount: plan.schedule.loopCount,
      bufferOffsets: plan.memory.offsets, parameterOffsets: plan.persistentOffsets,
      arenaByteCount: plan.memory.arenaByteCount, persistentByteCount: plan.persistentByteCount,
      parameters: plan.schedule.parameters.map(binding), results: plan.schedule.results.map(binding))
  }
}
