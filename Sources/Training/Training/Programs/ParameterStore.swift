import Compilation
import Execution
import GraphIR
import Modeling
import TensorTypes

/// The weights and constants of a model, once, for all programs over them: training, checking, answering, decoding.
///
///     let store = try ParameterStore(model, seed: 7)
///     let train = try Trainer(store, "train", optimizer: .adamW()) { io in Step(loss: ...) }
///     let check = try store.program("check", weights: .averaged) { io in ["loss": ...] }
///
/// A weight's key is its path, a state's of a trainer `trainer/slot/path`. Many programs may read at once, or one trainer
/// writes: a program sees a step whole or not at all.
public final class ParameterStore: @unchecked Sendable {
  /// Which numbers a program has for weights.
  public enum Weights: Sendable {
    /// Those that are trained.
    case current
    /// Their running averages where a trainer keeps them; the weights themselves elsewhere.
    case averaged
  }

  enum Choice {
    case current
    case averaged
    case averagedBy([String: TensorMemory])
  }

  let paths: WeightPaths
  /// Of the first numbers of weights, and of what trainers draw.
  let seed: UInt64
  let lock = SharedLock()
  /// By path.
  private let weightMemory: [String: TensorMemory]
  // Changed and read under the lock.
  /// Of each weight, the latest trainer's last.
  private var averages: [String: [TensorMemory]] = [:]
  /// Weights whose average stands for them.
  private var averaged: [String: TensorMemory] = [:]
  private var trainers: Set<String> = []
  /// Changes whenever the memory of averages does.
  private(set) var generation = 0

  /// Finds the weights of a model, a structure of layers, and sets them to their first numbers.
  ///
  /// - Parameter seed: the same seed gives the same bits; each weight has its own from it and its path.
  /// - Throws: `TraceError` with every weight that has no name of its own, `ExecutionError.notEnoughMemory`.
  public convenience init(_ model: Any, seed: UInt64 = 0) throws {
    let paths = WeightPaths(of: model)
    try paths.check()
    try self.init(paths, seed)
    for named in paths.weights { weightMemory[named.name]?.set(named.initial(seed: seed)) }
  }

  private init(_ paths: WeightPaths, _ seed: UInt64) throws {
    (self.paths, self.seed) = (paths, seed)
    let memory = try TensorMemory.block(paths.weights.map(\.weight.type))
    weightMemory = Dictionary(uniqueKeysWithValues: zip(paths.weights.map(\.name), memory))
  }

  /// A store of the same weights and averages, each of which goes on apart; it has no trainers.
  ///
  /// - Throws: `ExecutionError.notEnoughMemory`; what a device says that has the weights.
  public func copy() throws -> ParameterStore {
    let copy = try ParameterStore(paths, seed)
    try lock.reading {
      for memory in Array(weightMemory.values) + Array(averaged.values) { try memory.bringHome() }
      for (name, memory) in weightMemory { copy.weightMemory[name]?.copy(from: memory) }
      let names = averaged.keys.sorted()
      let memory = try TensorMemory.block(names.compactMap { averaged[$0]?.type })
      for (name, own) in zip(names, memory) {
        averaged[name].map(own.copy)
        copy.averages[name] = [own]
      }
      copy.averaged = Dictionary(uniqueKeysWithValues: zip(names, memory))
    }
    return copy
  }

  /// Compiles a function of the weights.
  ///
  /// It evaluates: only a trainer trains.
  /// - Parameters:
  ///   - name: of the program, in plans and messages.
  ///   - weights: the numbers that it reads, in place.
  ///   - body: declares inputs and states, and returns results by name.
  /// - Throws: `TraceError` with all problems of the function, what it throws, or what the compiler throws.
  public func program(
    _ name: String, weights: Weights = .current, _ options: CompilerOptions = CompilerOptions(),
    file: StaticString = #fileID, line: Int = #line, _ body: (Inputs) throws -> [String: Tensor]
  ) throws -> ModelProgram {
    let traced = try TracedModel(evaluating: name, over: paths, file: file, line: line) { .tensors(try body($0)) }
    return try ModelProgram(traced, over: self, weights == .current ? .current : .averaged, options)
  }

  // MARK: Numbers

  var types: [(name: String, type: TensorType)] { paths.weights.map { ($0.name, $0.weight.type) } }

  /// Paths of all weights and constants, in the order of declaration.
  public var names: [String] { paths.weights.map(\.name) }

  /// Bytes of all weights and constants; averages and other states of trainers are not among them.
  public var byteCount: Int { weightMemory.values.reduce(0) { $0 + $1.type.byteCount } }

  /// Weights and constants as they are now. Like `subscript` and `averagedTensors` it traps where a failed run on another engine
  /// has used up the only copy of a number; `save` throws then.
  public var tensors: [String: HostTensor] { lock.reading { weightMemory.mapValues(\.tensor) } }

  /// A weight or constant as it is now; nil where there is none of that path.
  public subscript(_ path: String) -> HostTensor? { lock.reading { weightMemory[path]?.tensor } }

  /// The same, with the averages that trainers keep in place of their weights.
  public var averagedTensors: [String: HostTensor] { lock.reading { memory(.averaged).mapValues(\.tensor) } }

  /// Replaces weights by path, others stay; their averages start anew from them.
  ///
  /// - Throws: `InputError` with everything that does not fit, before anything is changed.
  public func set(_ tensors: [String: HostTensor]) throws {
    let problems = InputError.problems(in: tensors, needed: types, kind: "weight")
    if !problems.isEmpty { throw InputError(problems: problems) }
    lock.writing {
      for (path, tensor) in tensors {
        weightMemory[path]?.set(tensor)
        restartAverages(of: path)
      }
    }
  }

  /// Lets the averages of a weight begin at it. Under the lock.
  ///
  /// - Parameter kept: an average that is as it must be.
  func restartAverages(of path: String, but kept: TensorMemory? = nil) {
    guard let weight = weightMemory[path] else { return }
    for average in averages[path] ?? [] where kept?.isSame(as: average) != true { average.copy(from: weight) }
  }

  // MARK: Programs

  /// Where the numbers lie that a program has for weights.
  func memory(_ choice: Choice) -> [String: TensorMemory] {
    switch choice {
    case .current: weightMemory
    case .averaged: weightMemory.merging(averaged) { _, average in average }
    case .averagedBy(let own): weightMemory.merging(own) { _, average in average }
    }
  }

  /// Takes the name and the averages of a trainer, which begin at the weights. Of two trainers of one weight the later one
  /// says whether it is averaged.
  ///
  /// - Parameter trained: the weights that it changes.
  /// - Throws: `NameError` where a trainer has the name or it is no part of a key, or a state has a weight's name.
  func add(trainer: String, _ states: TrainerStates, trained: [String]) throws {
    guard !trainer.isEmpty, !trainer.contains("/") else {
      throw NameError(problems: ["a trainer's name has at least one letter and no '/', got '\(trainer)'"])
    }
    try lock.writing {
      var problems = states.kept.filter { weightMemory[$0.key] != nil }.map {
        "the name '\($0.key)' of a state is taken by a weight of the store"
      }
      if trainers.contains(trainer) { problems.append("the store has a trainer called '\(trainer)' already") }
      if !problems.isEmpty { throw NameError(problems: problems) }
      trainers.insert(trainer)
      for (weight, average) in states.averages {
        weightMemory[weight].map(average.copy)
        averages[weight, default: []].append(average)
      }
      for weight in trained { averaged[weight] = states.averages[weight] }
      generation += 1
    }
  }

  /// - Throws: `InputError` where no trained weight is so called.
  func check(_ pattern: PathPattern) throws {
    if !trained(by: pattern).isEmpty { return }
    let trained = trained(by: "**")
    let known = trained.isEmpty ? "none" : trained.joined(separator: ", ")
    throw InputError(problems: ["no weight is called '\(pattern)'; there are \(known)"])
  }

  /// Paths of the weights, constants left out, that a pattern matches.
  func trained(by pattern: PathPattern) -> [String] {
    paths.weights.filter { $0.weight.isTrained && pattern.matches($0.name) }.map(\.name)
  }
}
