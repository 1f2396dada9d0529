import Execution
import Scheduling

extension Program {
  /// The schedule with the addresses of the memory plan.
  init(_ plan: CompilationPlan) {
    let layout = AddressLayout(plan: plan)
    self.init(
      name: plan.schedule.name, steps: plan.schedule.steps.map(layout.step), loopCount: plan.schedule.loopCount,
      arenaByteCount: plan.memory.arenaByteCount, persistentByteCount: plan.persistentByteCount,
      parameters: plan.schedule.parameters.map(layout.binding), results: plan.schedule.results.map(layout.binding))
  }
}

private struct AddressLayout {
  let plan: CompilationPlan

  func binding(_ binding: Schedule.Binding) -> Program.Binding {
    Program.Binding(name: binding.name, type: binding.type, address: address(binding.place))
  }

  func step(_ step: Schedule.Step) -> Program.Step {
    switch step {
    case .call(let call):
      .call(
        function: call.function, arguments: call.arguments.map(address), scratch: call.scratch.map(address),
        shares: call.shares)
    case .copy(let source, let destination, let byteCount):
      .copy(source: address(source), destination: address(destination), byteCount: byteCount)
    case .storeStep(let loop, let destination): .storeStep(loop: loop, destination: address(destination))
    case .loop(let number, let count, let isReversed, let body):
      .loop(number: number, count: count, isReversed: isReversed, body: body.map(self.step))
    }
  }

  private func address(_ place: Schedule.Place) -> Program.Address {
    let terms = place.terms.map { Program.Address.Term(loop: $0.loop, byteStride: $0.byteStride) }
    switch place.base {
    case .buffer(let buffer):
      return Program.Address(arena: .step, byteOffset: plan.memory.offsets[buffer] + place.byteOffset, terms: terms)
    case .parameter(let index):
      return Program.Address(
        arena: .persistent, byteOffset: plan.persistentOffsets[index] + place.byteOffset, terms: terms)
    }
  }
}
