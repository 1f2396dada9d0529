import KernelIR
import Scheduling

extension CompilationPlan {
  /// Workers take rows through all iterations of a loop without waiting for each other: no launch of its body may touch another
  /// row of what an iteration computes, nor of what passes from one to the next.
  ///
  /// - Throws: `VerificationError` with the first launch that does.
  func checkRowLoops() throws {
    for (position, event) in schedule.flow.events.enumerated() {
      guard case .loopBegin(let step, _) = event, case .loopBegin(let loop) = schedule.steps[step],
        let rows = loop.rows
      else { continue }
      let body = schedule.flow.events[(position + 1)...].prefix { if case .loopEnd = $0 { false } else { true } }
      try check(Array(body), rows.count)
    }
  }

  private func check(_ body: [DataFlow.Event], _ rowCount: Int) throws {
    var (read, written) = (Set<Int>(), Set<Int>())
    for event in body {
      switch event {
      case .launch(_, _, let touches):
        read.formUnion(touches.filter { !$0.isWritten }.map(\.value))
        written.formUnion(touches.filter(\.isWritten).map(\.value))
      case .move(let from, let to, _, _):
        read.insert(from.value)
        written.insert(to.value)
      case .storeIteration, .loopBegin, .loopEnd: throw error(of: "the loop", "its iteration")
      }
    }
    let moving = read.intersection(written)
    for case .launch(let step, _, let touches) in body {
      // Of what is only written, scratch has no places that could be told: each worker has its own.
      for touch in touches where moving.contains(touch.value) || (touch.isWritten && touch.pattern.walks != nil) {
        if touch.pattern.keepsRowsApart(rowCount, elementCount: touch.elementCount) { continue }
        throw error(of: label(step), schedule.flow.values[touch.value].name.text(line))
      }
    }
  }

  private func label(_ step: Int) -> String {
    if case .call(let call) = schedule.steps[step] { schedule.launches[call.launch].label } else { "step \(step)" }
  }

  private func error(of operation: String, _ value: String) -> VerificationError {
    VerificationError(program: schedule.name, fault: .mixesRows(value: value, operation: operation))
  }
}
