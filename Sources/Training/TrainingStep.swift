import Differentiation
import GraphIR
import Modeling
import Operators
import TensorTypes

/// A model's step with gradients and updates: one graph, so that the plan knows every byte of training.
public struct TrainingStep: Sendable {
  public var graph: Graph
  /// States that the optimizer added, with their first values.
  public var optimizerStates: [(name: String, tensor: HostTensor)]
  /// Weights that the loss does not depend on; the optimizer sees a gradient of zero.
  public var disconnectedWeights: [String]

  /// Name of the scalar input that sets the learning rate of a step.
  public static let rateName = "learning_rate"

  /// Differentiates the first result of a traced graph and appends the update of every weight.
  public init(_ traced: Graph, _ optimizer: Optimizer) throws {
    let differentiated = try traced.differentiated()
    self.init(differentiated.graph, gradients: differentiated.gradients, optimizer)
    disconnectedWeights = differentiated.disconnectedWeights
  }

  /// Appends the update of every weight by gradients that the graph already has, in the order of its weights.
  public init(_ graph: Graph, gradients: [Graph.Value], _ optimizer: Optimizer) {
    let build = GraphBuilder(graph)
    build.annotation = Graph.Annotation(role: .update)
    let states = OptimizerStates(build)
    let rate = build.graph.addParameter(.scalar, name: Self.rateName, role: .input)
    for (weight, gradient) in zip(build.graph.parameters(.weight), gradients) {
      let name = build.graph[weight].name ?? ""
      let context = OptimizerContext(
        build: build, states: states, weightName: name, weight: weight, gradient: gradient,
        rate: build.broadcast(rate, to: build.type(of: weight).shape, axes: []))
      build.graph.addResult(optimizer.update(context), name: "next.\(name)", updating: weight)
    }
    self.graph = build.graph
    optimizerStates = states.initial
    disconnectedWeights = []
  }
}
