import GraphIR
import Operators
import TensorTypes

/// A model as a graph: its weights, its step, and the lines that made it.
public struct TracedModel: Sendable {
  public var graph: Graph
  /// The weights and constants of the model, in the order of their first use.
  public var weights: [NamedWeight]
  let locations: LocationTable

  /// A weight with the path that leads to it.
  public struct NamedWeight: Sendable {
    public var name: String
    public var weight: Weight
  }

  /// The line of user code that made an operation.
  public func location(of operation: Graph.OperationID) -> SourceLocation? {
    graph[operation].annotation.location.flatMap(location)
  }

  /// The line of user code that a token of an operation's annotation stands for.
  public func location(_ token: Int) -> SourceLocation? { locations.location(token) }

  /// Initial numbers of every weight, each from the seed and its own name.
  public func initialWeights(seed: UInt64) -> [(name: String, tensor: HostTensor)] {
    weights.map { named in
      let own = named.name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
      return (named.name, named.weight.initializer.tensor(named.weight.shape, seed: own ^ (seed &* 0x9E37_79B9)))
    }
  }

  /// Numbers in trained weights.
  public var weightCount: Int {
    weights.filter(\.weight.isTrained).reduce(0) { $0 + $1.weight.shape.elementCount }
  }
}

/// Declares what a step reads.
public struct Inputs {
  let trace: Trace

  /// Data that changes with every step.
  public func callAsFunction(_ name: String, _ shape: Shape, _ elementType: ElementType = .float32) -> Tensor {
    parameter(name, TensorType(elementType, shape), .input)
  }

  /// A tensor kept from one step to the next; the step's `updates` give its next value.
  public func state(_ name: String, _ shape: Shape, _ elementType: ElementType = .float32) -> Tensor {
    parameter(name, TensorType(elementType, shape), .state)
  }

  private func parameter(_ name: String, _ type: TensorType, _ role: ParameterRole) -> Tensor {
    Tensor(trace, trace.builder.graph.addParameter(type, name: name, role: role), type)
  }
}

/// What a step computes.
public struct Step {
  /// A scalar, minimized by training.
  public var loss: Tensor
  /// Further results to be reported, by name.
  public var metrics: [(name: String, value: Tensor)]
  /// Next values of states, by the states' names.
  public var updates: [(state: String, value: Tensor)]

  public init(
    loss: Tensor, metrics: [(name: String, value: Tensor)] = [], updates: [(state: String, value: Tensor)] = []
  ) {
    self.loss = loss
    self.metrics = metrics
    self.updates = updates
  }
}

/// A model in the DSL: a structure of weights and layers that computes one step.
public protocol Model {
  /// Declares the inputs and computes the loss.
  func step(_ inputs: Inputs) -> Step
}

extension Model {
  /// Records the model's step as a graph. Results: `loss`, the metrics, the updated states.
  ///
  /// - Throws: `TraceError` with every problem of the model, each with its line.
  public func traced(name: String) throws -> TracedModel {
    let trace = Trace(name: name, model: self)
    let step = Trace.$current.withValue(trace) { self.step(Inputs(trace: trace)) }
    try trace.throwProblems()
    trace.addResults(step)
    try trace.throwProblems()
    return TracedModel(
      graph: trace.builder.graph, weights: trace.weights.map { .init(name: $0.name, weight: $0.weight) },
      locations: trace.locations)
  }
}

extension Trace {
  fileprivate func addResults(_ step: Step) {
    if let loss = step.loss.value { builder.graph.addResult(loss, name: "loss") }
    for metric in step.metrics {
      if let value = metric.value.value { builder.graph.addResult(value, name: metric.name) }
    }
    for update in step.updates {
      guard let state = builder.graph.parameters(.state).first(where: { builder.graph[$0].name == update.state }) else {
        note(TypeError("update.1", "no state is called '\(update.state)'"))
        continue
      }
      guard let value = update.value.value else { continue }
      let (found, needed) = (builder.type(of: value), builder.type(of: state))
      if found != needed {
        note(TypeError("update.2", "state '\(update.state)' is \(needed), its next value is \(found)"))
        continue
      }
      builder.graph.addResult(value, name: "next.\(update.state)", updating: state)
    }
  }
}
