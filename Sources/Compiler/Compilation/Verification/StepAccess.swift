import KernelIR
import Scheduling

/// Which buffers and parameters a step of a program reads and writes, each as a whole.
struct StepAccess {
  var label: String
  /// On the timeline; copies have none of their own.
  var position: Int?
  /// Those whose bytes from before the step matter.
  var reads: Set<Place.Base> = []
  var writes: Set<Place.Base> = []
}

extension Schedule {
  /// One per step.
  var accesses: [StepAccess] { steps.map(access) }

  private func access(_ step: Step) -> StepAccess {
    switch step {
    case .call(let call):
      let launch = launches[call.launch]
      var access = StepAccess(label: launch.label, position: launch.position)
      access.reads = Set(call.arguments.filter(\.isRead).map(\.place.base))
      access.writes = Set(call.arguments.filter(\.isWritten).map(\.place.base) + [call.scratch?.base].compactMap { $0 })
      return access
    case .copy(let source, let destination, _):
      return StepAccess(label: "copy", reads: [source.base], writes: [destination.base])
    case .storeIteration(_, let destination): return StepAccess(label: "step index", writes: [destination.base])
    case .loopBegin(let loop):
      return StepAccess(label: "repeat", reads: Set([loop.runTimeCount?.base].compactMap { $0 }))
    case .loopEnd: return StepAccess(label: "next iteration")
    }
  }
}
