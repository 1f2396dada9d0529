import KernelIR
import Scheduling

/// Which buffers and parameters a step of a program reads and writes, each as a whole.
struct StepAccess {
  typealias Base = Schedule.Place.Base

  var label: String
  /// On the timeline; copies have none of their own.
  var position: Int?
  /// Those whose bytes from before the step matter.
  var reads: Set<Base> = []
  var writes: Set<Base> = []
}

extension Schedule {
  /// One per step, in the order in which the executor numbers them.
  var accesses: [StepAccess] { accesses(steps) }

  private func accesses(_ steps: [Step]) -> [StepAccess] {
    steps.flatMap { step -> [StepAccess] in
      switch step {
      case .call(let call): [access(call)]
      case .copy(let source, let destination, _):
        [StepAccess(label: "copy", reads: [source.base], writes: [destination.base])]
      case .storeStep(_, let destination): [StepAccess(label: "step index", writes: [destination.base])]
      case .loop(_, _, _, let body):
        [StepAccess(label: "repeat")] + accesses(body) + [StepAccess(label: "next iteration")]
      }
    }
  }

  private func access(_ call: Call) -> StepAccess {
    let (read, written) = functions[call.function].uses
    var access = StepAccess(label: call.label, position: call.position)
    access.reads = Set(read.map { call.arguments[$0].base })
    access.writes = Set(written.map { call.arguments[$0].base })
    if let scratch = call.scratch { access.writes.insert(scratch.base) }
    return access
  }
}

extension KernelFunction {
  /// The numbers of the arguments that are read before the function writes them, and of those that it writes.
  fileprivate var uses: (read: Set<Int>, written: Set<Int>) {
    switch self {
    case .nest(let kernel):
      let written = kernel.buffers.indices.filter { kernel.buffers[$0].isWritten }
      return (Set(kernel.buffers.indices).subtracting(written), Set(written))
    case .scatter: return ([0, 1, 2], [0])
    case .contraction(let product): return (product.hasAccumulator ? [0, 1, 3] : [0, 1], [2])
    case .packing(let operands): return (Set(operands.parts.indices), [])
    case .streamed(let group): return group.uses
    }
  }
}

extension StreamedGroup {
  /// What an earlier member wrote is no longer what was there before.
  fileprivate var uses: (read: Set<Int>, written: Set<Int>) {
    var read: Set<Int> = []
    var written: Set<Int> = []
    for member in members {
      let uses = zip(member.operands, member.operands.indices.map { member.isWritten($0) })
      let arguments = uses.compactMap { operand, isWritten in
        if case .argument(let index) = operand.source { (index: index, isWritten: isWritten) } else { nil }
      }
      read.formUnion(arguments.filter { !$0.isWritten }.map(\.index).filter { !written.contains($0) })
      written.formUnion(arguments.filter(\.isWritten).map(\.index))
    }
    return (read, written)
  }
}

extension StreamedGroup.Member {
  fileprivate func isWritten(_ operand: Int) -> Bool {
    switch body {
    case .nest(let kernel): kernel.buffers[operand].isWritten
    case .product, .batchedProduct: operand == 2
    }
  }
}
