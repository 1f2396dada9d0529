import Differentiation
import GraphIR
import Modeling
import Operators
import TensorTypes

/// A model's step with gradients and updates: one graph, so that the plan knows every byte of training.
public struct TrainingStep: Sendable {
  public var graph: Graph
  /// States that the optimizer added, with their first values. Running averages are not among them: they start as the
  /// weights do.
  public var optimizerStates: [(name: String, tensor: HostTensor)] { initialStates.map { ($0.slot.name, $0.tensor) } }
  let initialStates: [(slot: OptimizerSlot, tensor: HostTensor)]
  /// Those of them that count steps.
  var counters: [StateCounter]
  /// The running average of each weight that has one, a state by name; empty without averaging.
  public var averages: [(weight: String, state: String)] = []
  /// Weights that the loss does not depend on: they stay as they are, whatever the rule and its decay.
  public var disconnectedWeights: [String]

  /// Groups with schedules of their own, each with the scalar input that sets its rate.
  public var groupRates: [(input: String, rate: LearningRate)] = []

  /// How tables of which rows are looked up are updated.
  public private(set) var tableUpdates: [TableUpdate] = []

  /// Name of the scalar input that sets the learning rate of a step.
  public static let rateName = "learning_rate"

  /// Differentiates the first result of a traced graph and appends the update of every weight; weights that the optimizer
  /// freezes are constants of the new graph.
  ///
  /// - Parameter line: where the model made an input, a state, a weight or a result, for messages.
  /// - Throws: `OptimizerError` when a number of the optimizer is out of its range or a group has no weights, `TraceError` with
  ///   all problems of a rule, `TypeError` when the first result is no scalar, `NameError` when the optimizer or the trainer
  ///   needs a name that the model uses.
  public init(
    _ traced: Graph, _ optimizer: Optimizer, line: (NamedPart) -> SourceLocation? = { _ in nil }
  ) throws {
    try optimizer.check()
    try optimizer.check(weights: traced.weightNames)
    let differentiated = try traced.freezing(optimizer.freezes).differentiated()
    try self.init(
      differentiated.graph, gradients: differentiated.gradients, optimizer,
      leaving: Set(differentiated.disconnectedWeights))
    try checkNames(of: traced, line)
  }

  /// Appends the update of every weight by gradients that the graph already has, in the order of its weights.
  ///
  /// - Parameter left: weights that stay as they are.
  /// - Throws: `TraceError` with all problems of a rule.
  public init(
    _ graph: Graph, gradients: [Graph.Value], _ optimizer: Optimizer, leaving left: Set<String> = []
  ) throws {
    let build = GraphBuilder(graph)
    build.annotation = Graph.Annotation(role: .update)
    let update = StepUpdate(build, optimizer)
    update.append(
      zip(graph.parameters(.weight), gradients).filter { weight, _ in
        let name = graph[weight].name ?? ""
        return !optimizer.freezes(name) && !left.contains(name)
      })
    try update.finish()
    self.graph = build.graph
    groupRates = update.groupRates
    averages = update.averages
    tableUpdates = update.tableUpdates
    initialStates = update.states.initial
    counters = update.states.counters
    disconnectedWeights = graph.weightNames.filter(left.contains)
  }
}

extension TrainingStep {
  /// The inputs that the trainer sets.
  var rateNames: Set<String> { Set([Self.rateName] + groupRates.map(\.input)) }

  private func checkNames(of traced: Graph, _ line: (NamedPart) -> SourceLocation?) throws {
    let problems = graph.nameCollisions().map { collision in
      let place = line(collision.first).map { ", made at \($0)" } ?? ""
      return NameCollision.text(
        collision.name, kind(of: collision.second, in: traced), takenBy: kind(of: collision.first, in: traced), place)
    }
    if !problems.isEmpty { throw NameError(problems: problems) }
  }

  /// What the trainer adds comes after what the model made.
  private func kind(of part: NamedPart, in traced: Graph) -> String {
    switch part {
    case .parameter(let position) where position < traced.parameters.count: traced.kind(of: part)
    case .parameter:
      rateNames.contains(graph.name(of: part)) ? "the trainer's learning rate" : "a state of the optimizer"
    case .result(let position):
      position < traced.results.count ? traced.kind(of: part) : "\(graph.kind(of: part)), which the trainer adds,"
    }
  }
}

/// Names that a model and its trainer both use.
public struct NameError: Error, Hashable, CustomStringConvertible {
  public var problems: [String]

  public var description: String { problems.joined(separator: "\n") }
}

extension Graph {
  /// Paths of the weights, in the order of declaration.
  fileprivate var weightNames: [String] { parameters(.weight).map { self[$0].name ?? "" } }

  /// The same graph with some weights as constants.
  fileprivate func freezing(_ isFrozen: (String) -> Bool) -> Graph {
    var graph = self
    for (position, value) in parameters.enumerated()
    where parameterRoles[position] == .weight && isFrozen(self[value].name ?? "") {
      graph.parameterRoles[position] = .constant
    }
    return graph
  }
}
