import Foundation
import TensorTypes

/// The next inputs of a task, drawn on a thread of their own while a step runs; before it where the system
/// gives no thread.
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
    // Nobody would signal: the inputs are drawn before the step then.
    if !startThread() { draw() }
  }

  /// Tests turn it off, for systems that give no more threads.
  @TaskLocal static var findsThreads: Bool = true

  /// - Returns: whether the system has given a thread; `Thread` does not say it.
  private func startThread() -> Bool {
    guard Self.findsThreads else { return false }
    let own = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { address in
        Thread.current.name = "inputs"
        if let address { Unmanaged<NextInputs>.fromOpaque(address).takeRetainedValue().draw() }
        return nil
      }, own.toOpaque())
    if status == 0 { pthread_detach(thread) } else { own.release() }
    return status == 0
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
