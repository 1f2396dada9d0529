import Foundation
import TensorTypes

/// The next inputs of a task, drawn on a thread of their own while a step runs.
///
/// Who made it waits before the task is used again: the task is never in two threads at once.
final class NextInputs: @unchecked Sendable {
  typealias Inputs = [(name: String, tensor: HostTensor)]

  private let task: any TrainingTask
  private let done = DispatchSemaphore(value: 0)
  // Written before `done` is signaled, read after it was waited for.
  private var drawn: (progress: [String: HostTensor], inputs: Result<Inputs, any Error>)?
  private var hasWaited = false

  init(_ task: any TrainingTask) {
    self.task = task
    let thread = Thread { [self] in draw() }
    thread.name = "inputs"
    thread.start()
  }

  private func draw() {
    let progress = task.progress
    drawn = (progress, Result { try task.inputs(after: nil) })
    done.signal()
  }

  func wait() {
    if !hasWaited { done.wait() }
    hasWaited = true
  }

  /// The task's progress before they were drawn: that of the step that is done.
  var progress: [String: HostTensor] {
    wait()
    return drawn?.progress ?? task.progress
  }

  /// - Throws: what the task threw.
  func inputs() throws -> Inputs {
    wait()
    return try drawn?.inputs.get() ?? task.inputs(after: nil)
  }
}
