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
  /// The running average of each weight, a state by name; empty without averaging.
  public var averages: [(weight: String, state: String)] = []
  /// Weights that the loss does not depend on; the optimizer sees a gradient of zero.
  public var disconnectedWeights: [String]

  /// Name of the scalar input that sets the learning rate of a step.
  public static let rateName = "learning_rate"

  /// Differentiates the first result of a traced graph and appends the update of every weight.
  ///
  /// - Parameter line: where the model made an input, a state, a weight or a result, for messages.
  /// - Throws: `OptimizerError` when a number of the optimizer is out of its range, `TypeError` when the first result is no
  ///   scalar, `NameError` when the optimizer or the trainer needs a name that the model uses.
  public init(
    _ traced: Graph, _ optimizer: Optimizer, line: (NamedPart) -> SourceLocation? = { _ in nil }
  ) throws {
    try optimizer.check()
    let differentiated = try traced.differentiated()
    self.init(differentiated.graph, gradients: differentiated.gradients, optimizer)
    disconnectedWeights = differentiated.disconnectedWeights
    try checkNames(of: traced, line)
  }

  /// Appends the update of every weight by gradients that the graph already has, in the order of its weights.
  public init(_ graph: Graph, gradients: [Graph.Value], _ optimizer: Optimizer) {
    let build = GraphBuilder(graph)
    build.annotation = Graph.Annotation(role: .update)
    let states = OptimizerStates(build)
    let rate = build.graph.addParameter(.scalar, name: Self.rateName, role: .input)
    let weights = build.graph.parameters(.weight)
    if optimizer.reportsGradientNorms {
      for (weight, gradient) in zip(weights, gradients) {
        let axes = Array(0..<build.type(of: gradient).shape.rank)
        let norm = build.emit1(.squareRoot, build.sum(build.multiply(gradient, gradient), axes))
        build.graph.addResult(norm, name: "gradient_norm.\(build.graph[weight].name ?? "")")
      }
    }
    let prepared = GradientPreparation(build, states, optimizer).prepare(gradients, of: weights)
    for (weight, gradient) in zip(weights, prepared) {
      let (name, type) = (build.graph[weight].name ?? "", build.type(of: weight))
      let context = OptimizerContext(
        build: build, states: states, weightName: name, weight: weight, gradient: gradient,
        rate: build.spread(build.convert(rate, to: type.elementType), like: weight),
        isDecayed: optimizer.isDecayed(name, type.shape))
      let next = states.ifDue(optimizer.update(context), else: weight)
      build.graph.addResult(next, name: "next.\(name)", updating: weight)
      if let share = optimizer.averageShare { averages.append((name, context.average(next, keeping: share))) }
    }
    self.graph = build.graph
    initialStates = states.initial
    counters = states.counters
    disconnectedWeights = []
  }
}

extension TrainingStep {
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
      graph.name(of: part) == Self.rateName ? "the trainer's learning rate" : "a state of the optimizer"
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

extension OptimizerSlot {
  static func average(of weight: String) -> OptimizerSlot { OptimizerSlot("average", of: weight) }
}

extension OptimizerContext {
  /// Adds the running average of the weight and returns the state's name.
  fileprivate func average(_ next: Graph.Value, keeping share: Double) -> String {
    let name = OptimizerSlot.average(of: weightName).name
    let state = build.graph.addParameter(build.type(of: weight), name: name, role: .state)
    states.update(state, to: states.ifDue(blend(state, next, keeping: share), else: state))
    return name
  }
}
