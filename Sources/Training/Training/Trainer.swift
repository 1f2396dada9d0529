import Compilation
import Differentiation
import GraphIR
import Modeling
import TensorTypes

/// Trains a model: one compiled step with its weights and the optimizer's states.
///
///     let trainer = try Trainer(Perceptron(), optimizer: .momentum(0.9), learningRate: 0.1, seed: 7)
///     for _ in 0..<1000 { loss = try trainer.step(["x": x, "label": label])["loss"] }
///     let results = try trainer.evaluate(["x": testX, "label": testLabel])
///     try trainer.save(to: "perceptron.safetensors")
public final class Trainer {
  public let traced: TracedModel
  /// The training step at work.
  public let program: CompiledProgram
  public let optimizer: Optimizer
  /// Of the coming steps; `setLearningRate` changes it.
  public private(set) var learningRate: LearningRate
  /// Weights that the loss does not depend on; they are not trained.
  public let disconnectedWeights: [String]
  /// Steps run so far; with accumulation, micro-steps.
  public internal(set) var stepCount = 0
  /// Texts that checkpoints keep with the run, for example the place in the data.
  public var notes: [String: String] = [:]

  let averages: [(weight: String, state: String)]
  /// States of the model's own.
  let ownStates: Set<String>
  /// States of the optimizer that count steps.
  let counters: [StateCounter]
  private let compilerOptions: CompilerOptions
  private lazy var evaluation = Result { try Evaluation(traced, compilerOptions) }
  /// Whether the evaluation's weights are those of now.
  private var isEvaluationCurrent = false

  /// Traces, differentiates and compiles the model's step, and sets the weights to their initial numbers.
  ///
  /// - Parameter seed: of the initial weights; the same seed gives the same bits.
  /// - Throws: `TraceError` with all problems of the model, `OptimizerError` for numbers out of range, `NameError` for
  ///   names that the trainer needs, `TypeError` when the loss is no scalar, or what the compiler throws.
  public init(
    _ model: any Model, optimizer: Optimizer, learningRate: LearningRate = 1e-3, seed: UInt64 = 0,
    name: String = "model", _ compilerOptions: CompilerOptions = CompilerOptions()
  ) throws {
    try learningRate.check()
    let traced = try model.traced(name: name)
    self.traced = traced
    let step = try TrainingStep(traced.graph, optimizer) { traced.location(of: $0) }
    program = try Compiler.compile(step.graph, compilerOptions.naming(traced))
    self.optimizer = optimizer
    self.learningRate = learningRate
    self.compilerOptions = compilerOptions
    disconnectedWeights = step.disconnectedWeights
    averages = step.averages
    counters = step.counters
    let graph = traced.graph
    ownStates = Set(graph.parameters(.state).compactMap { graph[$0].name })
    for (name, state) in step.optimizerStates { try program.set(name, state) }
    for (name, tensor) in traced.initialWeights(seed: seed) { try program.set(name, tensor) }
    try restartAverages()
  }

  /// Trains on the given inputs for one step, by the rate of the schedule.
  ///
  /// - Parameter inputs: a tensor for each input of the model, by name.
  /// - Returns: the loss as `loss` and the model's metrics, by name.
  /// - Throws: `InputError` when an input is missing, unknown or of another type, `IntegerRangeError` when a number names no
  ///   row or class where the model uses it as one.
  @discardableResult
  public func step(_ inputs: [String: HostTensor]) throws -> [String: HostTensor] {
    try step(inputs, learningRate: nextRate)
  }

  /// The rate of the next step; with accumulation the schedule counts updates.
  public var nextRate: Double { learningRate.rate(at: stepCount / optimizer.microStepCount) }

  /// Goes on by another schedule.
  ///
  /// - Throws: `OptimizerError` with every number that is out of its range, before anything is changed.
  public func setLearningRate(_ schedule: LearningRate) throws {
    try schedule.check()
    learningRate = schedule
  }

  /// Like `step(_:)`, by a rate of the caller's.
  @discardableResult
  public func step(_ inputs: [String: HostTensor], learningRate: Double) throws -> [String: HostTensor] {
    try program.set(inputs: inputs, except: [TrainingStep.rateName])
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(learningRate)]))
    program.run()
    stepCount += 1
    isEvaluationCurrent = false
    return program.reportedResults
  }

  /// Runs the model without training it, on the averaged weights where the optimizer keeps them.
  ///
  /// - Parameter continuing: goes on with the states that the last evaluation left, for models that answer in several
  ///   steps; otherwise states are zero. The states of training are never touched.
  /// - Throws: `InputError` when an input is missing, unknown or of another type, `IntegerRangeError` when a number names no
  ///   row or class where the model uses it as one.
  public func evaluate(_ inputs: [String: HostTensor], continuing: Bool = false) throws -> [String: HostTensor] {
    let evaluation = try evaluation.get()
    if !isEvaluationCurrent { try evaluation.set(try averagedWeights) }
    isEvaluationCurrent = true
    return try evaluation.run(inputs, continuing: continuing)
  }

  // MARK: Weights

  /// The weights and constants of the model as they are now.
  public var weights: [String: HostTensor] {
    get throws { try tensors { $0 } }
  }

  /// The running averages in place of the weights; the weights themselves without averaging.
  public var averagedWeights: [String: HostTensor] {
    get throws {
      let states = Dictionary(uniqueKeysWithValues: averages.map { ($0.weight, $0.state) })
      return try tensors { states[$0] ?? $0 }
    }
  }

  private func tensors(_ parameter: (String) -> String) throws -> [String: HostTensor] {
    try Dictionary(uniqueKeysWithValues: traced.weights.map { ($0.name, try program.parameter(parameter($0.name))) })
  }

  /// Replaces weights by name, others stay; running averages start anew from them.
  ///
  /// - Throws: `InputError` with everything that does not fit, `IntegerRangeError` when a number that is used as a position
  ///   names none, before anything is changed.
  public func setWeights(_ tensors: [String: HostTensor]) throws {
    try program.check(tensors, known: Set(traced.weights.map(\.name)), kind: "weight")
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) { try program.checkIntegers(name, tensor) }
    for (name, tensor) in tensors { try program.set(name, tensor) }
    try restartAverages()
    isEvaluationCurrent = false
  }

  private func restartAverages() throws {
    for (weight, state) in averages { try program.set(state, try program.parameter(weight)) }
  }

  /// After a checkpoint has been read.
  func weightsChanged() { isEvaluationCurrent = false }
}
