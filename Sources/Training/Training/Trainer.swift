import Compilation
import Differentiation
import Execution
import GraphIR
import Modeling
import TensorTypes

/// Trains weights of a store: one compiled step with the optimizer's states.
///
///     let trainer = try Trainer(Perceptron(), optimizer: .momentum(0.9), learningRate: 0.1, seed: 7)
///     for _ in 0..<1000 { loss = try trainer.step(["x": x, "label": label])["loss"] }
///     let results = try trainer.evaluate(["x": testX, "label": testLabel])
///     try trainer.save(to: "perceptron.safetensors")
///
/// Several trainers may train parts of one store, each by its own rule; their steps take turns.
public final class Trainer {
  public let store: ParameterStore
  /// Among the trainers of the store; the keys of the optimizer's states begin with it.
  public let name: String
  public let traced: TracedModel
  /// The training step at work. What is done with it directly, runs and measurements, passes by the store's lock: nobody else
  /// may use the store meanwhile.
  public let program: CompiledProgram
  public let optimizer: Optimizer
  /// Of the coming steps; `setLearningRate` changes it.
  public private(set) var learningRate: LearningRate
  /// Weights that the loss does not depend on; they are not trained.
  public let disconnectedWeights: [String]
  /// How tables of which rows are looked up are updated: in those rows, or why in all.
  public let tableUpdates: [TableUpdate]
  /// Steps run so far; with accumulation, micro-steps.
  public internal(set) var stepCount = 0
  /// Texts that checkpoints keep with the run, for example the place in the data.
  public var notes: [String: String] = [:]

  /// That `save` has written or `load` has read.
  var lastCheckpoint: String?
  /// Everything that lives from step to step.
  let kept: [KeptTensor]
  /// Running averages by the weights' paths.
  let averages: [String: TensorMemory]
  /// Groups with schedules of their own, each with the input that sets its rate.
  private let groupRates: [(input: String, rate: LearningRate)]
  private let rateNames: Set<String>
  private let evaluation: () throws -> ModelProgram
  private var evaluationProgram: ModelProgram?
  private let evaluationSession = Session()

  /// Trains a model of its own store, whose step has one batch size.
  ///
  /// - Parameter seed: of the initial weights; the same seed gives the same bits.
  /// - Throws: `TraceError` with all problems of the model or of a rule, `OptimizerError` for numbers out of range and groups
  ///   without weights, `NameError` for names that the trainer needs, `TypeError` when the loss is no scalar, or what the
  ///   compiler throws.
  public convenience init(
    _ model: any Model, optimizer: Optimizer, learningRate: LearningRate = 1e-3, seed: UInt64 = 0,
    name: String = "model", _ compilerOptions: CompilerOptions = CompilerOptions()
  ) throws {
    try self.init(
      ParameterStore(model, seed: seed), "train", graphName: name, training: "**", optimizer, learningRate,
      compilerOptions, (#fileID, #line), { model.step($0) })
  }

  /// Trains weights of a store that other programs and trainers may use as well.
  ///
  /// - Parameters:
  ///   - name: of the trainer, of which the store has no other.
  ///   - pattern: the weights to be trained, by their paths; the others are constants of this step.
  ///   - step: declares inputs and states, and returns the loss. It is asked again, not training, for `evaluate`.
  /// - Throws: as the other initializer; `InputError` when no weight is to be trained.
  public convenience init(
    _ store: ParameterStore, _ name: String, training pattern: PathPattern = "**", optimizer: Optimizer,
    learningRate: LearningRate = 1e-3, _ compilerOptions: CompilerOptions = CompilerOptions(),
    file: StaticString = #fileID, line: Int = #line, _ step: @escaping (Inputs) throws -> Step
  ) throws {
    try self.init(
      store, name, graphName: name, training: pattern, optimizer, learningRate, compilerOptions, (file, line), step)
  }

  private init(
    _ store: ParameterStore, _ name: String, graphName: String, training pattern: PathPattern, _ optimizer: Optimizer,
    _ learningRate: LearningRate, _ options: CompilerOptions, _ place: (file: StaticString, line: Int),
    _ body: @escaping (Inputs) throws -> Step
  ) throws {
    try learningRate.check()
    try store.check(pattern)
    let traced = try TracedModel(
      training: graphName, over: store.paths, file: place.file, line: place.line, isTrained: pattern.matches, body)
    let used = traced.graph.parameters(.weight).compactMap { traced.graph[$0].name }
    let unused = store.trained(by: pattern).filter { !used.contains($0) }
    if used.isEmpty && !unused.isEmpty {
      let names = unused.joined(separator: ", ")
      throw InputError(problems: ["the step uses no weight that is called '\(pattern)': \(names)"])
    }
    let step = try TrainingStep(traced.graph, optimizer) { traced.location(of: $0) }
    let (weights, options) = (store.memory(.current).used(by: traced), options.naming(traced))
    let plan = try Compiler.checkedPlan(step.graph, options, shared: Set(weights.keys))
    let states = try TrainerStates(step, name)
    if traced.isRandom { states.shared[TracedModel.randomState]?.set(store.firstRandomState(of: name)) }
    program = try Compiler.program(plan, options, shared: states.shared.merging(weights) { _, weight in weight })
    (self.store, self.name, self.traced, self.optimizer) = (store, name, traced, optimizer)
    self.learningRate = learningRate
    disconnectedWeights = step.disconnectedWeights + unused
    (groupRates, rateNames) = (step.groupRates, step.rateNames)
    tableUpdates = step.tableUpdates
    kept = store.kept + states.kept
    averages = states.averages
    let left = step.disconnectedWeights
    try store.add(
      trainer: name, states, trained: used.filter { !optimizer.freezes($0) && !left.contains($0) })
    evaluation = { [averages] in
      let traced = try TracedModel(
        evaluating: graphName, over: store.paths, file: place.file, line: place.line
      ) { .step(try body($0)) }
      return try ModelProgram(traced, over: store, .averagedBy(averages), options)
    }
  }

  /// Trains on the given inputs for one step, by the rate of the schedule.
  ///
  /// - Parameter inputs: a tensor for each input of the model, by name.
  /// - Returns: the loss as `loss` and the model's metrics, by name.
  /// - Throws: `InputError` when an input is missing, unknown or of another type, `IntegerRangeError` when a number names no
  ///   row or class where the model uses it as one, `TrainingError.failed` where the engine could not run the step.
  @discardableResult
  public func step(_ inputs: [String: HostTensor]) throws -> [String: HostTensor] {
    try step(inputs, learningRate: nextRate)
  }

  /// The rate of the next step; with accumulation the schedule counts updates.
  public var nextRate: Double { learningRate.rate(at: updateCount) }

  private var updateCount: Int { stepCount / optimizer.microStepCount }

  /// Goes on by another schedule.
  ///
  /// - Throws: `OptimizerError` with every number that is out of its range, before anything is changed.
  public func setLearningRate(_ schedule: LearningRate) throws {
    try schedule.check()
    learningRate = schedule
  }

  /// Like `step(_:)`, by a rate of the caller's; groups with schedules of their own follow those.
  ///
  /// - Throws: as `step(_:)`; `OptimizerError` for a rate that is negative or no number of type f32.
  @discardableResult
  public func step(_ inputs: [String: HostTensor], learningRate: Double) throws -> [String: HostTensor] {
    try LearningRate(learningRate).check()
    try program.set(inputs: inputs, except: rateNames)
    try program.set(TrainingStep.rateName, HostTensor(.scalar, [Float(learningRate)]))
    for (input, schedule) in groupRates {
      try program.set(input, HostTensor(.scalar, [Float(schedule.rate(at: updateCount))]))
    }
    return try store.lock.writing {
      try checkPositions { try $0.memory.read() }
      do {
        try program.run()
        let results = try program.reportedResults
        stepCount += 1
        return results
      } catch { throw TrainingError.failed("\(error)", step: stepCount + 1, checkpoint: lastCheckpoint) }
    }
  }

  /// Looks at the model's states of which a step uses numbers as positions; the step before may have left any there.
  ///
  /// - Throws: `IntegerRangeError`.
  func checkPositions(_ read: (KeptTensor) throws -> HostTensor?) throws {
    for part in kept where part.isOfModel && part.role == .state && program.usesAsPositions(part.name) {
      if let tensor = try read(part) { try program.checkIntegers(part.name, tensor) }
    }
  }

  /// Runs the step without training, on the averaged weights where the optimizer keeps them.
  ///
  /// - Parameter continuing: goes on with the states that the last evaluation left, for models that answer in several
  ///   steps; otherwise states are zero. The states of training are never touched.
  /// - Throws: `InputError` when an input is missing, unknown or of another type, `IntegerRangeError` when a number names no
  ///   row or class where the model uses it as one.
  public func evaluate(_ inputs: [String: HostTensor], continuing: Bool = false) throws -> [String: HostTensor] {
    try evaluate(inputs, continuing: continuing, drawingOn: false)
  }

  /// - Parameter drawingOn: states begin anew, random numbers go on: batches of one evaluation are not masked alike.
  package func evaluate(
    _ inputs: [String: HostTensor], continuing: Bool, drawingOn: Bool
  ) throws -> [String: HostTensor] {
    if !continuing { evaluationSession.reset(drawingOn: drawingOn) }
    // What kept it from being made once may be gone the next time: a full disk, for example.
    return try prepareEvaluation()(inputs, in: evaluationSession)
  }

  /// Compiles what evaluates, so that what keeps it from being compiled is known before the first step.
  @discardableResult
  func prepareEvaluation() throws -> ModelProgram {
    let program = try evaluationProgram ?? evaluation()
    evaluationProgram = program
    return program
  }

  // MARK: Weights

  /// The weights and constants of the store as they are now.
  public var weights: [String: HostTensor] { store.tensors }

  /// The running averages in place of the weights; the weights themselves without averaging.
  public var averagedWeights: [String: HostTensor] {
    store.lock.reading { store.memory(.averagedBy(averages)).mapValues(\.tensor) }
  }

  /// Replaces weights by name, others stay; running averages start anew from them.
  ///
  /// - Throws: `InputError` with everything that does not fit, before anything is changed.
  public func setWeights(_ tensors: [String: HostTensor]) throws { try store.set(tensors) }
}
