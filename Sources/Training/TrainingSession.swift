import Compilation
import Modeling
import TensorTypes

/// A task in training: a trainer, the data that it reads, and what a checkpoint holds of both.
public final class TrainingSession {
  public let task: any TrainingTask
  public let trainer: Trainer
  private var lastResults: [String: HostTensor]?

  public var program: CompiledProgram { trainer.program }
  public var disconnectedWeights: [String] { trainer.disconnectedWeights }
  /// Steps run so far.
  public var stepCount: Int { trainer.stepCount }

  /// - Throws: what `Trainer.init` throws.
  public init(
    _ task: any TrainingTask, optimizer: Optimizer, learningRate: LearningRate = 1e-3, seed: UInt64,
    _ options: CompilerOptions = CompilerOptions()
  ) throws {
    self.task = task
    trainer = try Trainer(
      task.model, optimizer: optimizer, learningRate: learningRate, seed: seed, name: task.graphName, options)
  }

  /// Trains on the task's next inputs for one step.
  ///
  /// - Parameter learningRate: in place of the schedule's.
  /// - Returns: the step's results by name; tensors that only update states are left out.
  public func step(learningRate: Double? = nil) throws -> [String: HostTensor] {
    let named = try task.inputs(after: lastResults)
    let inputs = Dictionary(named.map { ($0.name, $0.tensor) }) { _, last in last }
    let results =
      try learningRate.map { try trainer.step(inputs, learningRate: $0) } ?? trainer.step(inputs)
    lastResults = results
    return results
  }

  // MARK: Checkpoints

  /// Writes weights, states, the task's progress and the counters; the file is replaced at once or not at all.
  public func save(to path: String) throws {
    var tensors: [String: HostTensor] = [:]
    for (name, tensor) in task.progress { tensors["task.\(name)"] = tensor }
    for (name, tensor) in lastResults ?? [:] { tensors["last.\(name)"] = tensor }
    try trainer.save(to: path, others: tensors)
  }

  /// Continues from a checkpoint, bit for bit.
  ///
  /// - Throws: `CheckpointError` with everything that differs when the checkpoint is of another model.
  public func load(from path: String) throws {
    let others = try trainer.load(from: path)
    task.progress = Self.tensors(others, prefix: "task.")
    let last = Self.tensors(others, prefix: "last.")
    lastResults = last.isEmpty ? nil : last
  }

  private static func tensors(_ all: [String: HostTensor], prefix: String) -> [String: HostTensor] {
    let pairs = all.filter { $0.key.hasPrefix(prefix) }.map { (String($0.key.dropFirst(prefix.count)), $0.value) }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}
