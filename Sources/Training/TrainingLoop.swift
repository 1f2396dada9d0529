import Foundation
import TensorTypes

/// How long a session trains, and what happens on the way.
public struct TrainingPlan: Sendable {
  /// Steps in all, those of a resumed run included.
  public var steps: Int
  public var checkpointEvery = 100
  /// Checkpoints to keep; the newest is one of them.
  public var keptCheckpoints = 1
  /// Steps between validations; 0 for none.
  public var validateEvery = 0
  public var validationBatches = 4
  /// Validations in a row that may fail to lower the loss before training stops; 0 for no limit.
  public var patience = 0

  public init(steps: Int) { self.steps = steps }
}

/// Trains a session by a plan, with log and checkpoints in a folder.
public final class TrainingLoop {
  public enum Outcome: Sendable { case finished, interrupted, stoppedEarly }

  public let session: TrainingSession
  public let log: TrainingLog
  private let plan: TrainingPlan
  private let folder: RunFolder
  private var stopping: EarlyStopping?

  private static let stoppingName = "early_stopping"

  /// Makes the log; with `resumes`, continues from the folder's checkpoint if there is one yet.
  ///
  /// - Throws: `CheckpointError` when the checkpoint is of another run.
  public init(_ session: TrainingSession, _ plan: TrainingPlan, in folder: RunFolder, resumes: Bool = false) throws {
    self.session = session
    self.plan = plan
    self.folder = folder
    stopping = plan.patience > 0 ? EarlyStopping(patience: plan.patience) : nil
    folder.removePartialFiles()
    if resumes, folder.holdsCheckpoint { try session.load(from: folder.checkpoint) }
    if let kept = session.extras[Self.stoppingName] { stopping?.progress = kept.doubles }
    log = try TrainingLog(path: folder.log, keepsUntil: session.stepCount)
  }

  /// Trains until the plan is done, the validation loss no longer falls, or a stop is requested; then saves.
  ///
  /// - Parameter observe: called after every step with what the log got.
  /// - Throws: what `observe` throws, and `TrainingError.notFinite` when the loss is not finite; the last checkpoint stays as it is.
  public func run(
    isStopRequested: () -> Bool = { false }, observe: (TrainingLog.Entry) throws -> Void = { _ in }
  ) throws -> Outcome {
    var outcome = Outcome.finished
    while session.stepCount < plan.steps {
      if stopping?.isExhausted == true { outcome = .stoppedEarly }
      if isStopRequested() { outcome = .interrupted }
      if outcome != .finished { break }
      try observe(try step())
      if session.stepCount % plan.checkpointEvery == 0 { try save() }
    }
    try save()
    return outcome
  }

  private func step() throws -> TrainingLog.Entry {
    let rate = session.trainer.nextRate
    let results = try session.step()
    let measures = session.task.measures(results)
    var entry = TrainingLog.Entry(
      step: session.stepCount, loss: results["loss"]?.doubles[0] ?? .nan, measures: measures, rate: rate)
    guard entry.loss.isFinite else { throw TrainingError.notFinite(step: session.stepCount, folder.checkpoint) }
    if plan.validateEvery > 0, session.stepCount % plan.validateEvery == 0 { entry.validation = try validation() }
    try log.append(entry)
    return entry
  }

  private func validation() throws -> [String: Double] {
    let measures = try session.validate(batches: plan.validationBatches)
    let found = Dictionary(uniqueKeysWithValues: measures.map { ($0.name, $0.value) })
    _ = stopping?.shouldStop(after: found["loss"] ?? .nan)
    return found
  }

  private func save() throws {
    if let stopping { session.extras[Self.stoppingName] = HostTensor([2], .float64(stopping.progress)) }
    try session.save(to: folder.checkpoint)
    try folder.keep(plan.keptCheckpoints, step: session.stepCount)
  }
}

/// Why training cannot go on.
public enum TrainingError: Error, Hashable, CustomStringConvertible {
  case notFinite(step: Int, String)

  public var description: String {
    switch self {
    case .notFinite(let step, let path):
      "the loss of step \(step) is not finite; training stopped, \(path) keeps the last checkpoint before it"
    }
  }
}
