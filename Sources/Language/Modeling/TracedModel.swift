import GraphIR
import Operators
import TensorTypes

/// A model as a graph: its weights, its step, and the lines that made it.
public struct TracedModel: Sendable {
  public var graph: Graph
  /// The weights and constants of the model, in the order of their first use.
  public var weights: [NamedWeight]
  let locations: LocationTable
  let sites: [NamedPart: Int]

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

  /// The line of user code that declared a parameter or returned a result.
  public func location(of part: NamedPart) -> SourceLocation? { sites[part].flatMap(locations.location) }

  /// Initial numbers of every weight, each from the seed and its own name.
  public func initialWeights(seed: UInt64) -> [(name: String, tensor: HostTensor)] {
    weights.map { named in
      let own = ByteHash.of(named.name.utf8)
      return (named.name, named.weight.initializer.tensor(named.weight.shape, seed: own ^ (seed &* 0x9E37_79B9)))
    }
  }

  /// Numbers in trained weights.
  public var weightCount: Int {
    weights.filter(\.weight.isTrained).reduce(0) { $0 + $1.weight.shape.elementCount }
  }
}

extension Model {
  /// Records the model's step as a graph. Results: `loss`, the metrics, the updated states.
  ///
  /// - Throws: `TraceError` with every problem of the model, each with its line.
  public func traced(name: String) throws -> TracedModel {
    let trace = Trace(name: name, model: self)
    let step = Trace.$current.withValue(trace) { self.step(Inputs(trace: trace)) }
    // What follows from an error is not reported.
    let resultSite = trace.problems.isEmpty ? trace.addResults(step) : nil
    let sites = trace.sites(results: resultSite)
    trace.noteCollisions(sites)
    try trace.throwProblems()
    for violation in trace.builder.graph.allViolations() { trace.note(violation, at: SourceLocation?.none) }
    try trace.throwProblems()
    return TracedModel(
      graph: trace.builder.graph, weights: trace.weights.map { .init(name: $0.name, weight: $0.weight) },
      locations: trace.locations, sites: sites)
  }
}

extension Trace {
  /// Adds what the step returned; returns the token of its line.
  fileprivate func addResults(_ step: Step) -> Int {
    let site = locations.add(step.site)
    if let loss = values(of: [step.loss], at: step.site) { builder.graph.addResult(loss[0], name: "loss") }
    for metric in step.metrics {
      if let value = values(of: [metric.value], at: step.site) { builder.graph.addResult(value[0], name: metric.name) }
    }
    for update in step.updates {
      do { try addUpdate(update.state, update.value, step.site) } catch { note(error, at: step.site.location) }
    }
    return site
  }

  private func addUpdate(_ name: String, _ tensor: Tensor, _ site: CallSite) throws {
    guard let state = builder.graph.parameters(.state).first(where: { builder.graph[$0].name == name }) else {
      throw TypeError("update.1", "no state is called '\(name)'")
    }
    guard let value = values(of: [tensor], at: site)?.first else { return }
    let (found, needed) = (builder.type(of: value), builder.type(of: state))
    if found != needed { throw TypeError("update.2", "state '\(name)' is \(needed), its next value is \(found)") }
    builder.graph.addResult(value, name: "next.\(name)", updating: state)
  }

  private func values(of tensors: [Tensor], at site: CallSite) -> [Graph.Value]? {
    located(site) { values(of: tensors) }
  }

  /// The tokens of the lines of all named parts.
  fileprivate func sites(results: Int?) -> [NamedPart: Int] {
    let graph = builder.graph
    var sites: [NamedPart: Int] = [:]
    for (position, value) in graph.parameters.enumerated() { sites[.parameter(position)] = parameterSites[value] }
    for position in graph.results.indices { sites[.result(position)] = results }
    return sites
  }

  fileprivate func noteCollisions(_ sites: [NamedPart: Int]) {
    let graph = builder.graph
    for collision in graph.nameCollisions() {
      let place = sites[collision.first].flatMap(locations.location).suffix
      let text = NameCollision.text(
        collision.name, graph.kind(of: collision.second), takenBy: graph.kind(of: collision.first), place)
      note(TraceMessage(text: text), at: sites[collision.second].flatMap(locations.location))
    }
  }
}
