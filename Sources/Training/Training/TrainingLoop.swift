import Foundation
import TensorTypes

/// Trains a session by a plan, with log and checkpoints in a folder.
public final class TrainingLoop {
  public enum Outcome: Sendable { case finished, interrupted, stoppedEarly }

  public let session: TrainingSession
  public let log: TrainingLog
  private let plan: TrainingPlan
  private let folder: RunFolder
  private let lock: RunLock?
  private var stopping: EarlyStopping?
  /// The step that the newest checkpoint is of.
  private var savedStep: Int?
  /// Whether a step with a finite loss followed the newest checkpoint.
  private var isProven = false
  private var saidProblems: Set<String> = []

  private static let stoppingName = "early_stopping"

  /// Makes the log; with `resumes`, continues from the folder's checkpoint if there is one yet.
  ///
  /// - Parameter lock: of the folder; no checkpoint is written where it is no longer held.
  /// - Throws: `TrainingPlanError` when a number of the plan is out of its range or the checkpoint has more steps than it,
  ///   `RunFolderError` when the folder holds a run that is not to be resumed, `CheckpointError` when the checkpoint is of
  ///   another run, `TrainingLogError` when the log cannot be read or written.
  public init(
    _ session: TrainingSession, _ plan: TrainingPlan, in folder: RunFolder, resumes: Bool = false, lock: RunLock? = nil
  ) throws {
    try plan.check()
    if !resumes, folder.holdsRun {
      throw RunFolderError(
        path: folder.path, problem: "it holds a run, which would be lost; resume it or choose another")
    }
    self.session = session
    self.plan = plan
    self.folder = folder
    self.lock = lock
    stopping = plan.patience > 0 ? EarlyStopping(patience: plan.patience) : nil
    folder.removePartialFiles()
    if resumes, folder.holdsCheckpoint {
      try session.load(from: folder.checkpoint, problems: Self.problems)
      savedStep = session.stepCount
      try plan.check(after: session.stepCount)
      if let kept = session.extras[Self.stoppingName] { _ = stopping?.restore(kept.doubles) }
    }
    log = try TrainingLog(path: folder.log, keepsUntil: session.stepCount)
  }

  /// Trains until the plan is done, the validation loss no longer falls, or a stop is requested; then saves.
  ///
  /// A log or a checkpoint that cannot be written does not end training: it is said once and tried again.
  ///
  /// - Parameters:
  ///   - say: told what goes wrong on the way.
  ///   - observe: called after every step with what the log got.
  /// - Throws: before the first step, what compiling the evaluation throws, where a step validates; what `observe` throws; `TrainingError.notFinite` when the loss, or what a checkpoint would hold, is not finite,
  ///   the last good checkpoint stays then; in the end what kept the log or the last checkpoint from being written.
  public func run(
    isStopRequested: () -> Bool = { false }, say: (String) -> Void = { _ in },
    observe: (TrainingLog.Entry) throws -> Void = { _ in }
  ) throws -> Outcome {
    // A disk that is full at the first validation would otherwise end a run that has no checkpoint yet.
    if validates { try session.trainer.prepareEvaluation() }
    let outcome: Outcome
    do { outcome = try steps(isStopRequested, say, observe) } catch let error where !(error is TrainingError) {
      // Data that cannot be had say nothing against the weights.
      do { try save() } catch let failure { say("\(failure)") }
      try? log.finish()
      throw error
    }
    do { try save() } catch {
      // The weights are worth more than what was logged of them.
      do { try log.finish() } catch let failure { say("\(failure)") }
      throw error
    }
    try log.finish()
    return outcome
  }

  private func steps(
    _ isStopRequested: () -> Bool, _ say: (String) -> Void, _ observe: (TrainingLog.Entry) throws -> Void
  ) throws -> Outcome {
    var outcome = Outcome.finished
    while session.stepCount < plan.steps {
      if stopping?.isExhausted == true { outcome = .stoppedEarly }
      if isStopRequested() { outcome = .interrupted }
      if outcome != .finished { break }
      try observe(try step())
      if let failure = log.failure { sayOnce("\(failure)", say) }
      if session.stepCount % plan.checkpointEvery == 0 {
        do { try save() } catch let error where !(error is TrainingError) { sayOnce("\(error)", say) }
      }
    }
    return outcome
  }

  /// Whether one of the steps to come validates.
  private var validates: Bool {
    plan.validateEvery > 0 && plan.steps / plan.validateEvery > session.stepCount / plan.validateEvery
  }

  private func sayOnce(_ problem: String, _ say: (String) -> Void) {
    if saidProblems.insert(problem).inserted { say("\(problem); training goes on") }
  }

  /// What is wrong with what a checkpoint keeps of the loop.
  private static func problems(_ extras: [String: HostTensor]) -> [String] {
    var stopping = EarlyStopping(patience: 1)
    return extras[stoppingName].flatMap { stopping.restore($0.doubles) }.map { ["\(stoppingName) \($0)"] } ?? []
  }

  private func step() throws -> TrainingLog.Entry {
    let rate = session.trainer.nextRate
    let results = try session.step()
    let measures = session.task.measures(results)
    var entry = TrainingLog.Entry(
      step: session.stepCount, loss: results["loss"]?.doubles[0] ?? .nan, measures: measures, rate: rate)
    guard entry.loss.isFinite else { throw notFinite(entry.loss) }
    prove()
    // The step is done, whatever becomes of its validation.
    defer { log.append(entry) }
    if plan.validateEvery > 0, session.stepCount % plan.validateEvery == 0 { entry.validation = try validation() }
    return entry
  }

  private func validation() throws -> [String: Double] {
    let measures = try session.validate(batches: plan.validationBatches)
    let found = Dictionary(measures.map { ($0.name, $0.value) }) { first, _ in first }
    guard let patience = stopping?.patience else { return found }
    guard let loss = found["loss"] else {
      let names = found.keys.sorted().joined(separator: ", ")
      let found = names.isEmpty ? "none" : names
      throw TrainingPlanError(problems: ["patience is \(patience), needs a validation that gives a loss, got \(found)"])
    }
    _ = stopping?.shouldStop(after: loss)
    return found
  }

  // MARK: Checkpoints

  /// Whether the folder's name still leads to the run: what another has there is not touched.
  private var holdsFolder: Bool { lock?.isHeld ?? true }

  /// A checkpoint is good once a step from it has a finite loss: weights can be finite and lost all the same.
  private func prove() {
    if !isProven, holdsFolder { folder.removePrevious() }
    isProven = true
  }

  /// The error; where the step began from a checkpoint that it shows to be bad, the one before comes back.
  private func notFinite(_ loss: Double) -> TrainingError {
    if let savedStep, !isProven, holdsFolder { _ = folder.restorePrevious(insteadOf: savedStep) }
    return .notFinite("the loss is \(loss)", step: session.stepCount, checkpoint: folder.checkpoint)
  }

  private func save() throws {
    if savedStep == session.stepCount { return }
    try lock?.check()
    if let stopping { session.extras[Self.stoppingName] = HostTensor([2], .float64(stopping.progress)) }
    // A second name that cannot be made keeps no checkpoint from being written.
    let kept = Result { if isProven { try folder.keepPrevious() } }
    try session.save(to: folder.checkpoint)
    (savedStep, isProven) = (session.stepCount, false)
    try folder.keep(plan.keptCheckpoints, step: session.stepCount)
    try kept.get()
  }
}

/// Why training cannot go on.
public enum TrainingError: Error, Hashable, CustomStringConvertible {
  /// What is not finite, after which step, and where checkpoints are.
  case notFinite(String, step: Int, checkpoint: String)
  /// What the engine that runs the step has said.
  case failed(String, step: Int, checkpoint: String?)

  public var description: String {
    switch self {
    case .notFinite(let problem, let step, let path):
      "\(problem) in step \(step), which is not finite; \(Self.rest(path))"
    case .failed(let problem, let step, let path): "step \(step) failed: \(problem); \(Self.rest(path))"
    }
  }

  private static func rest(_ checkpoint: String?) -> String {
    let isThere = checkpoint.map(FileManager.default.fileExists) ?? false
    return "training stopped, "
      + (isThere ? "\(checkpoint ?? "") keeps the last checkpoint before it" : "no checkpoint was written before it")
  }
}
