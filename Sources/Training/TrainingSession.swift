import Compilation
import Foundation
import GraphIR
import Interchange
import Modeling
import TensorTypes

/// A model in training: the compiled step, its task, and everything that a checkpoint holds.
public final class TrainingSession {
  public let task: any TrainingTask
  public let program: CompiledProgram
  public let disconnectedWeights: [String]
  /// Steps run so far.
  public private(set) var stepCount = 0
  private let optimizerName: String
  private var lastResults: [String: HostTensor]?

  public init(
    _ task: any TrainingTask, optimizer: Optimizer, seed: UInt64, _ options: CompilerOptions = CompilerOptions()
  ) throws {
    self.task = task
    optimizerName = optimizer.name
    let traced = try task.model.traced(name: task.graphName)
    let step = try TrainingStep(traced.graph, optimizer)
    disconnectedWeights = step.disconnectedWeights
    program = try Compiler.compile(step.graph, options)
    for (name, tensor) in traced.initialWeights(seed: seed) { try program.set(name, tensor) }
    for (name, tensor) in step.optimizerStates { try program.set(name, tensor) }
  }

  /// Runs one step.
  ///
  /// - Returns: the step's results by name; tensors that only update states are left out.
  public func step(learningRate: Double) throws -> [String: HostTensor] {
    for (name, tensor) in try task.inputs(after: lastResults) { try program.set(name, tensor) }
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(learningRate)]))
    program.run()
    stepCount += 1
    var results: [String: HostTensor] = [:]
    for (index, name) in program.resultNames.enumerated() where !name.hasPrefix("next.") {
      results[name] = program.result(at: index)
    }
    lastResults = results
    return results
  }

  // MARK: Checkpoints

  /// Writes weights, states, the task's progress and the counters; the file is replaced at once or not at all.
  public func save(to path: String) throws {
    var tensors: [String: HostTensor] = [:]
    for (name, role) in zip(program.parameterNames, program.plan.graph.parameterRoles) where role != .input {
      tensors[name] = try program.parameter(name)
    }
    for (name, tensor) in task.progress { tensors["task.\(name)"] = tensor }
    for (name, tensor) in lastResults ?? [:] { tensors["last.\(name)"] = tensor }
    let notes = ["step": "\(stepCount)", "optimizer": optimizerName, "model": task.graphName]
    try SafetensorsFile(tensors: tensors, metadata: notes).write(to: path)
  }

  /// Continues from a checkpoint, bit for bit.
  ///
  /// - Throws: `CheckpointError` with everything that differs when the checkpoint is of another model.
  public func load(from path: String) throws {
    let file = try SafetensorsFile(path: path)
    var problems: [String] = []
    if let other = file.metadata["optimizer"], other != optimizerName {
      problems.append("it was trained with \(other), needs \(optimizerName)")
    }
    let held = zip(program.parameterNames, program.plan.graph.parameterRoles).filter { $0.1 != .input }.map(\.0)
    for (name, binding) in zip(program.parameterNames, program.plan.schedule.parameters) where held.contains(name) {
      guard let tensor = file.tensors[name] else {
        problems.append("\(name) is missing, needs \(binding.type)")
        continue
      }
      if tensor.type != binding.type { problems.append("\(name) is \(tensor.type), needs \(binding.type)") }
    }
    guard problems.isEmpty else { throw CheckpointError(path: path, problems: problems) }
    for name in held { if let tensor = file.tensors[name] { try program.set(name, tensor) } }
    task.progress = tensors(file, prefix: "task.")
    let last = tensors(file, prefix: "last.")
    lastResults = last.isEmpty ? nil : last
    stepCount = file.metadata["step"].flatMap { Int($0) } ?? 0
  }

  private func tensors(_ file: SafetensorsFile, prefix: String) -> [String: HostTensor] {
    let pairs = file.tensors.filter { $0.key.hasPrefix(prefix) }.map {
      (String($0.key.dropFirst(prefix.count)), $0.value)
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}

/// A checkpoint that does not fit the model.
public struct CheckpointError: Error, CustomStringConvertible {
  public var path: String
  public var problems: [String]

  public init(path: String, problems: [String]) {
    self.path = path
    self.problems = problems
  }

  public var description: String {
    "\(path) is not a checkpoint of this model:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}
