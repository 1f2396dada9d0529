import GraphIR
import Operators
import TensorTypes

/// A model as a graph: its weights, its step, and the lines that made it.
public struct TracedModel: Sendable {
  public var graph: Graph
  /// The weights and constants of the model, in the order of their first use.
  public var weights: [NamedWeight]
  /// Numbers of the graph's own, by their parameters' names.
  public var values: [String: HostTensor]
  let locations: LocationTable
  let sites: [NamedPart: Int]

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
    weights.map { ($0.name, $0.initial(seed: seed)) }
  }

  /// Whether it draws random numbers, and has a state for them.
  public let isRandom: Bool

  /// Numbers in trained weights.
  public var weightCount: Int {
    weights.filter(\.weight.isTrained).reduce(0) { $0 + $1.weight.shape.elementCount }
  }
}

extension Model {
  /// Records the model's step as a graph. Results: `loss`, the metrics, the updated states.
  ///
  /// - Parameter isTraining: whether layers do what they do in training; others evaluate.
  /// - Throws: `TraceError` with every problem of the model, each with its line.
  public func traced(name: String, isTraining: Bool = true) throws -> TracedModel {
    let paths = WeightPaths(of: self)
    guard isTraining else { return try TracedModel(evaluating: name, over: paths) { .step(step($0)) } }
    return try TracedModel(training: name, over: paths) { step($0) }
  }
}

/// What a recorded function returns.
public enum TraceResults {
  case step(Step)
  /// By name.
  case tensors([String: Tensor])
}

extension TracedModel {
  /// Records a function of the weights that a training step is made of.
  ///
  /// - Parameter isTrained: which weights are trained, by their paths; the others are constants of the graph.
  /// - Throws: `TraceError` with every problem, each with its line; what the function throws.
  public init(
    training name: String, over weights: WeightPaths, file: StaticString = #fileID, line: Int = #line,
    isTrained: @escaping @Sendable (String) -> Bool = { _ in true }, _ body: (Inputs) throws -> Step
  ) throws {
    let trace = Trace(name: name, paths: weights, isTrained: isTrained)
    try self.init(trace, CallSite(file, line)) { .step(try body($0)) }
  }

  /// Records a function of the weights that does not train them.
  ///
  /// - Throws: `TraceError` with every problem, each with its line; what the function throws.
  public init(
    evaluating name: String, over weights: WeightPaths, file: StaticString = #fileID, line: Int = #line,
    _ body: (Inputs) throws -> TraceResults
  ) throws {
    try self.init(Trace(name: name, paths: weights), CallSite(file, line), body)
  }

  private init(_ trace: Trace, _ site: CallSite, _ body: (Inputs) throws -> TraceResults) throws {
    let results = try Trace.$current.withValue(trace) { try body(Inputs(trace: trace)) }
    // What follows from an error is not reported.
    let resultSite = trace.problems.isEmpty ? trace.addResults(results, site) : nil
    let sites = trace.sites(results: resultSite)
    trace.noteCollisions(sites, results)
    try trace.throwProblems()
    for violation in trace.builder.graph.allViolations() { trace.note(violation, at: SourceLocation?.none) }
    try trace.throwProblems()
    let graph = trace.builder.graph
    let values = trace.ownValues.map { (graph[$0.value].name ?? "", $0.tensor) }
    self.init(
      graph: graph, weights: trace.weights, values: Dictionary(uniqueKeysWithValues: values),
      locations: trace.locations, sites: sites, isRandom: trace.draws.state != nil)
  }
}

extension Trace {
  /// Adds what the function returned, and the next values of states; returns the token of its line.
  fileprivate func addResults(_ results: TraceResults, _ ownSite: CallSite) -> Int {
    let site: CallSite
    switch results {
    case .step(let step):
      site = step.site
      let metrics = step.metrics.flatMap { name, metric in
        metric.results.map { (name: name + $0.suffix, value: $0.value) }
      }
      add([(name: "loss", value: step.loss)] + metrics, site)
      for update in step.updates {
        do { try addUpdate(update.state, update.value, site) } catch { note(error, at: site.location) }
      }
    case .tensors(let tensors):
      site = ownSite
      add(tensors.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }, site)
    }
    countRun()
    for next in nextValues {
      let name = builder.graph[next.state].name ?? ""
      do { try addUpdate(name, next.tensor, next.site) } catch { note(error, at: next.site.location) }
    }
    return locations.add(site)
  }

  private func add(_ tensors: [(name: String, value: Tensor)], _ site: CallSite) {
    for (name, tensor) in tensors {
      if let value = values(of: [tensor], at: site) { builder.graph.addResult(value[0], name: name) }
    }
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

  /// What a program returns by name is apart from what it is given: a token in, the next token out.
  fileprivate func noteCollisions(_ sites: [NamedPart: Int], _ results: TraceResults) {
    let graph = builder.graph
    let isStep = if case .step = results { true } else { false }
    for collision in graph.nameCollisions(amongResults: isStep) {
      let place = sites[collision.first].flatMap(locations.location).suffix
      let text = NameCollision.text(
        collision.name, graph.kind(of: collision.second), takenBy: graph.kind(of: collision.first), place)
      note(TraceMessage(text: text), at: sites[collision.second].flatMap(locations.location))
    }
  }
}
