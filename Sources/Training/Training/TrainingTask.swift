import Compilation
import Modeling
import TensorTypes

/// A model with its data: what training, comparing and running need.
public protocol TrainingTask: AnyObject {
  var model: any Model { get }
  /// The name of the traced graph.
  var graphName: String { get }
  /// Sequences per step.
  var batchSize: Int { get }
  /// Functions of the model's weights beside its step, for `plan`, `print`, `diagram` and `profile`.
  var programs: [NamedProgram] { get }

  /// Tensors for the inputs of the next step.
  ///
  /// - Parameter results: the results of the step before by name; nil before the first.
  func inputs(after results: [String: HostTensor]?) throws -> [(name: String, tensor: HostTensor)]

  /// Whether inputs do not depend on the results of the step before. `inputs(after:)` is then asked without results, on
  /// another thread and while the step before runs; nothing else is asked of the task meanwhile, and `measures` comes after it.
  var preparesInputsAhead: Bool { get }

  /// Tensors for the inputs of a step that starts every sequence anew, the same for the same number: for evaluation and
  /// for comparing gradients.
  func freshInputs(_ number: Int) throws -> [(name: String, tensor: HostTensor)]

  /// Inputs, of booleans, that make states begin anew: where steps follow on each other, they hold in the first alone.
  var restarts: [String] { get }

  /// A result of the model shown to people, for `run`: for example a solved puzzle.
  func describe(inputs: [(name: String, tensor: HostTensor)], results: [String: HostTensor]) -> String

  /// What must be kept for a training run to continue exactly, and its restoration; what is restored has the names and
  /// types that the present progress has, and no problems.
  var progress: [String: HostTensor] { get set }

  /// Names of the progress without which weights mean nothing, for example a vocabulary: they go wherever weights go.
  var meanings: [String] { get }

  /// What shapes of tensors do not say of the model, for programs that train the same elsewhere: a number of heads.
  var hiddenSizes: [String: Int] { get }

  /// What is wrong with the numbers of a progress that a file holds, one line each, with what was found and needed.
  func problems(in progress: [String: HostTensor]) -> [String]

  /// The optimizer of a recipe with what the task's weights need beside it: weights with rules of their own.
  func optimizer(_ recipe: Optimizer) -> Optimizer

  /// What a training step achieved, each a mean over the sequences that it is true of.
  ///
  /// Called after the step and before `inputs(after:)` moves on, unless the task prepares inputs ahead.
  func measures(_ results: [String: HostTensor]) -> [Measure]

  /// Inputs of the consecutive steps that answer one batch of validation sequences, which training never sees; the last
  /// step's results are judged, the model's states go from step to step.
  func validationSteps(_ number: Int) throws -> [[(name: String, tensor: HostTensor)]]

  /// Inputs of the steps that an evaluation takes on data that training never sees, where each of its answers is one step;
  /// none otherwise. For programs that train the same elsewhere.
  func heldOutInputs() throws -> [[(name: String, tensor: HostTensor)]]

  /// Whether validation sequences are other ones than those of training; where they are not, reports say so.
  var holdsOutData: Bool { get }

  /// How many validation sequences there are, of which later ones are repetitions; nil where there is always another one.
  var validationCount: Int? { get }

  /// Batches of validation sequences that an evaluation takes where nobody asks for another number.
  var evaluationBatches: Int { get }

  /// Judges a model by its answers to validation batches.
  func evaluation(batches: Int, _ answer: Answer) throws -> Evaluation

  /// Whether the answers of its steps do not say what weights are worth, so that `evaluation(of:number:_:)` must.
  var judgesItself: Bool { get }

  /// Whether it then judges other sequences for another number.
  var judgesByNumber: Bool { get }

  /// What weights are worth, where the answers of its steps do not say it; nil otherwise.
  ///
  /// - Parameters:
  ///   - store: makes one of the model's weights.
  ///   - number: which of the batches of data that training never sees.
  func evaluation(
    of store: () throws -> ParameterStore, number: Int, _ options: CompilerOptions
  ) throws -> Evaluation?
}

extension TrainingTask {
  public var preparesInputsAhead: Bool { false }
  public var holdsOutData: Bool { true }
  public var validationCount: Int? { nil }
  public var judgesItself: Bool { false }
  public var judgesByNumber: Bool { true }
  public var restarts: [String] { [] }
  public var programs: [NamedProgram] { [] }

  /// All weights are treated alike.
  public func optimizer(_ recipe: Optimizer) -> Optimizer { recipe }

  /// None: any numbers will do.
  public func problems(in progress: [String: HostTensor]) -> [String] { [] }

  public var meanings: [String] { [] }
  public var hiddenSizes: [String: Int] { [:] }

  /// Every scalar result but the loss: over what the model counted, or over the whole batch.
  public func measures(_ results: [String: HostTensor]) -> [Measure] {
    Measure.scalars(results, count: batchSize).filter { $0.name != "loss" }
  }

  /// The batches of an evaluation.
  public func heldOutInputs() throws -> [[(name: String, tensor: HostTensor)]] {
    guard holdsOutData else { return [] }
    let answers = try (0..<evaluatedBatches(of: evaluationBatches)).map { try validationSteps($0) }
    return answers.allSatisfy { $0.count == 1 } ? answers.flatMap { $0 } : []
  }

  /// None: the answers of steps say it.
  public func evaluation(
    of store: () throws -> ParameterStore, number: Int, _ options: CompilerOptions
  ) throws -> Evaluation? { nil }

  /// One step on fresh inputs.
  public func validationSteps(_ number: Int) throws -> [[(name: String, tensor: HostTensor)]] {
    [try freshInputs(number)]
  }
}

/// A mean over sequences, or over what else a model counts.
public struct Measure: Sendable, Hashable {
  public var name: String
  public var value: Double
  /// How many the mean is over.
  public var count: Int

  public init(name: String, value: Double, count: Int) {
    self.name = name
    self.value = value
    self.count = count
  }

  /// The scalars among results, by name; those that a `Metric` counted have its count, and none where that is 0.
  ///
  /// - Parameter count: of the others.
  static func scalars(_ results: [String: HostTensor], count: Int) -> [Measure] {
    let scalars = results.filter { $0.value.shape.rank == 0 }
    let counts = Set(scalars.keys.map { $0 + Metric.countSuffix })
    return scalars.sorted { $0.key < $1.key }.compactMap { name, tensor in
      if counts.contains(name) { return nil }
      let own = scalars[name + Metric.countSuffix].map { Int(exactly: $0.doubles[0].rounded()) ?? 0 }
      return own == 0 ? nil : Measure(name: name, value: tensor.doubles[0], count: own ?? count)
    }
  }
}

extension [Measure] {
  /// The mean of all together, each weighing by its count; nil where there is none.
  func mean() -> (value: Double, count: Int)? {
    guard let first else { return nil }
    let total = reduce(0) { $0 + $1.count }
    if allSatisfy({ $0.count == first.count }) {
      return (reduce(0) { $0 + $1.value } / Double(count), total)
    }
    return (reduce(0) { $0 + $1.value * Double($1.count) } / Double(total), total)
  }
}
