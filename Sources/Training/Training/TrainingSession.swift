import Compilation
import Modeling
import TensorTypes

/// A task in training: a trainer, the data that it reads, and what a checkpoint holds of both.
public final class TrainingSession {
  public let task: any TrainingTask
  public let trainer: Trainer
  /// Tensors of the caller's that checkpoints keep, by names of theirs.
  var extras: [String: HostTensor] = [:]
  private var lastResults: [String: HostTensor]?
  /// Of the coming step, where the task prepares them ahead.
  private var next: NextInputs?

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

  /// Trains on the task's next inputs for one step; meanwhile a task that can prepares those of the step after.
  ///
  /// - Parameter learningRate: in place of the schedule's.
  /// - Returns: the step's results by name; tensors that only update states are left out.
  public func step(learningRate: Double? = nil) throws -> [String: HostTensor] {
    let inputs = Self.named(try nextInputs())
    if task.preparesInputsAhead { next = NextInputs(task) }
    defer { next?.wait() }
    let results = try learningRate.map { try trainer.step(inputs, learningRate: $0) } ?? trainer.step(inputs)
    lastResults = results
    return results
  }

  private func nextInputs() throws -> NextInputs.Inputs {
    guard let prepared = next else { return try task.inputs(after: lastResults) }
    next = nil
    return try prepared.inputs()
  }

  /// The task's progress as of the last step, whatever was prepared since.
  private var progress: [String: HostTensor] { next?.progress ?? task.progress }

  /// Means over batches of validation sequences, on the averaged weights where the optimizer keeps them.
  ///
  /// - Returns: the loss and every scalar metric of each batch's last step, averaged over the batches that have it, each
  ///   weighing by what the model counted.
  public func validate(batches: Int) throws -> [Measure] {
    var isBegun = false
    return try task.evaluation(batches: batches) { inputs, isFirst in
      defer { isBegun = true }
      return try trainer.evaluate(Self.named(inputs), continuing: !isFirst, drawingOn: isBegun)
    }.measures
  }

  private static func named(_ inputs: [(name: String, tensor: HostTensor)]) -> [String: HostTensor] {
    Dictionary(inputs.map { ($0.name, $0.tensor) }) { _, last in last }
  }

  // MARK: Checkpoints

  /// Writes weights, states, the task's progress and the counters; the file is replaced at once or not at all.
  ///
  /// - Throws: `TrainingError.notFinite` when a tensor must not be saved, `NameError` when a result or a part of the task's
  ///   progress would be kept by the name of a parameter, `SafetensorsError` when the file system refuses.
  public func save(to path: String) throws {
    var tensors: [String: HostTensor] = [:]
    for (name, tensor) in progress {
      if let problem = tensor.notFinite(allowsInfinity: true) {
        throw TrainingError.notFinite("the task's '\(name)' \(problem)", step: stepCount, checkpoint: path)
      }
      tensors["task.\(name)"] = tensor
    }
    for (name, tensor) in lastResults ?? [:] { tensors["last.\(name)"] = tensor }
    for (name, tensor) in extras { tensors["extra.\(name)"] = tensor }
    try trainer.save(to: path, others: tensors)
  }

  /// Continues from a checkpoint, bit for bit.
  ///
  /// - Throws: `CheckpointError` with everything that differs when the checkpoint is of another model, or that no run can
  ///   have written; nothing has changed then.
  public func load(from path: String) throws { try load(from: path) { _ in [] } }

  /// - Parameter problems: what is wrong with the extras of the file.
  func load(from path: String, problems: ([String: HostTensor]) -> [String]) throws {
    let results = program.reportedTypes.map { ("last.\($0.name)", $0.type) }
    let needed = progress.map { ("task.\($0.key)", $0.value.type) }
    // What a mean is over was not always said.
    let always = results.filter { !$0.0.hasSuffix(Metric.countSuffix) }
    let others = try trainer.load(from: path, needed: needed, afterSteps: always) { others, steps in
      let unknown = Self.unknown(in: others, known: Set((results + needed).map { $0.0 }), steps: steps)
      if !unknown.isEmpty { return unknown }
      return task.problems(in: Self.tensors(others, prefix: "task."))
        + problems(Self.tensors(others, prefix: "extra."))
    }
    next = nil
    task.progress = Self.tensors(others, prefix: "task.")
    extras = Self.tensors(others, prefix: "extra.")
    let last = Self.tensors(others, prefix: "last.")
    lastResults = last.isEmpty ? nil : last
  }

  /// Results and progress of another model or task, or results where no step has run: what they hold would be lost.
  private static func unknown(in others: [String: HostTensor], known: Set<String>, steps: Int) -> [String] {
    others.keys.sorted().compactMap { name -> String? in
      let isResult = name.rest(behind: "last.") != nil
      guard isResult || name.rest(behind: "task.") != nil else { return nil }
      if isResult && steps == 0 { return "\(name) is there, needs none before the first step" }
      if known.contains(name) { return nil }
      return "\(name) is there, \(isResult ? "the step has no such result" : "the task keeps nothing of that name")"
    }
  }

  private static func tensors(_ all: [String: HostTensor], prefix: String) -> [String: HostTensor] {
    let pairs = all.compactMap { name, tensor in name.rest(behind: prefix).map { ($0, tensor) } }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}
