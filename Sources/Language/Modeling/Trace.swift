import GraphIR
import Operators
import TensorTypes

/// Records what a model computes as a graph.
///
/// Errors do not stop a trace: the operation yields a placeholder of plausible type, and all problems are thrown together
/// at the end.
public final class Trace: @unchecked Sendable {
  // Used from one task only; Sendable so that it can be task-local.
  let builder: GraphBuilder
  let locations: LocationTable
  private(set) var problems: [TraceProblem] = []
  let paths: WeightPaths
  /// Whether an operator is recorded, which many places use.
  let isOperatorBody: Bool
  /// Whether what is recorded trains, and what; nil where it evaluates.
  private let isTrained: (@Sendable (String) -> Bool)?
  var weights: [NamedWeight] = []
  var weightValues: [ObjectIdentifier: Graph.Value] = [:]
  /// The lines that declared the parameters of regions.
  var parameterSites: [Graph.Value: Int] = [:]
  /// Numbers of the graph's own.
  var ownValues: [(value: Graph.Value, tensor: HostTensor)] = []
  /// Those of them that are not made again, by what they follow from.
  var namedValues: [String: Graph.Value] = [:]
  /// Values that stand for states: rows of them.
  var standIns: Set<Graph.Value> = []
  var nextValues: [(state: Graph.Value, tensor: Tensor, site: CallSite)] = []
  /// The loops around the present place, outermost first.
  var openLoops: [(index: Graph.Value, count: Int)] = []
  var draws = RandomDraws()
  /// The bodies around the present place, outermost first.
  private var openRegions = [Graph.body]
  /// The line that the call at work was given; nil where the call stack must tell.
  private var site: CallSite?

  /// The trace that records at the moment, if any.
  @TaskLocal static var current: Trace?

  /// - Parameter isTrained: which weights are trained, by their paths; nil where the graph evaluates.
  init(
    name: String, paths: WeightPaths, isTrained: (@Sendable (String) -> Bool)? = nil, isOperatorBody: Bool = false
  ) {
    self.isOperatorBody = isOperatorBody
    locations = LocationTable()
    builder = GraphBuilder(Graph(name: name))
    self.paths = paths
    self.isTrained = isTrained
    for problem in paths.problems { note(TraceMessage(text: problem.message), at: problem.location) }
  }

  /// Goes on where a graph ends, which has lines of its own.
  init(extending builder: GraphBuilder) {
    isOperatorBody = true
    locations = LocationTable(first: 1 << 32)
    self.builder = builder
    paths = WeightPaths(of: ())
    isTrained = nil
  }

  var isTraining: Bool { isTrained != nil }

  /// What a weight is in this graph: one that another trainer trains is a constant here.
  func role(of weight: Weight, _ path: String) -> ParameterRole {
    weight.isTrained && isTrained?(path) != false ? .weight : .constant
  }

  /// Applies an operator and notes a problem if its operands do not fit.
  ///
  /// - Parameter axisNames: of the result; the operator's own without.
  func apply(
    _ used: Operator, _ operands: [Tensor], _ attributes: Attributes = [:], guess: TensorType,
    axisNames: [String?]? = nil
  ) -> [Tensor] {
    let token = mark()
    guard let values = values(of: operands) else { return [Tensor(self, nil, guess)] }
    do {
      try OperatorTable.check(used)
      builder.annotation.location = token
      let results = try builder.apply(used, values, attributes)
      if let axisNames { builder.graph[results[0]].type.shape.names = axisNames }
      return results.map { Tensor(self, $0, builder.type(of: $0)) }
    } catch {
      note(error, at: token, operands)
      return [Tensor(self, nil, guess)]
    }
  }

  // MARK: Lines

  /// The line of the call at work.
  var currentSite: CallSite { site ?? CallSite() }

  /// Keeps the line of the call at work; returns its token.
  func mark() -> Int { locations.add(currentSite) }

  func located<Result>(_ file: StaticString, _ line: Int, _ body: () throws -> Result) rethrows -> Result {
    guard site == nil, !CallSite.isOwn(file) else { return try body() }
    return try located(CallSite(file, line), body)
  }

  func located<Result>(_ token: Int, _ body: () throws -> Result) rethrows -> Result {
    guard let place = locations.site(token) else { return try body() }
    return try located(place, body)
  }

  func located<Result>(_ place: CallSite, _ body: () throws -> Result) rethrows -> Result {
    let outer = site
    site = place
    defer { site = outer }
    return try body()
  }

  /// Notes a problem at a line.
  func note(_ error: any Error, at location: SourceLocation?) {
    let problem = TraceProblem(
      message: "\(error)", location: location, scope: builder.graph.scopePath(builder.annotation.scope))
    if !problems.contains(problem) { problems.append(problem) }
  }

  /// Notes a problem at the line of user code that is running. Where the optimizer left none, the lines of the operands
  /// tell the place.
  func note(_ error: any Error, at token: Int? = nil, _ operands: [Tensor] = []) {
    if let location = locations.location(token ?? mark()) { return note(error, at: location) }
    guard let near = operands.compactMap({ $0.location }).last else { return note(error, at: SourceLocation?.none) }
    note(TraceMessage(text: "\(error), at this line or below"), at: near)
  }

  // MARK: Regions

  /// Runs the body with operations going to a region, which ends with it.
  func inside<Result>(_ region: Graph.RegionID, _ body: () throws -> Result) rethrows -> Result {
    let (annotation, outer) = (builder.annotation, site)
    openRegions.append(region)
    // The body is the user's: its calls have lines of their own.
    site = nil
    defer {
      openRegions.removeLast()
      builder.annotation = annotation
      site = outer
    }
    return try builder.inside(region, body)
  }

  /// The values of tensors that are used here. nil where one is no value of this trace at this place, which is noted, or
  /// stands for a problem that was noted before.
  func values(of tensors: [Tensor]) -> [Graph.Value]? {
    var values: [Graph.Value] = []
    for tensor in tensors {
      if let misuse = misuse(of: tensor) { note(misuse) } else if let value = tensor.value { values.append(value) }
    }
    return values.count == tensors.count ? values : nil
  }

  private func misuse(of tensor: Tensor) -> TypeError? {
    guard let owner = tensor.trace else {
      return tensor.refusal("tensor.1", "was made outside of any trace and cannot be used in one")
    }
    guard owner === self else {
      return tensor.refusal("tensor.2", "belongs to another trace and cannot be used in this one")
    }
    guard let value = tensor.value, !openRegions.contains(builder.graph[value].region) else { return nil }
    let operation = builder.graph[builder.graph[value].region].owner.map { builder.graph[$0].name }
    let body = operation == Operator.customGradient.name ? "a gradient" : "a loop or checkpoint"
    return tensor.refusal(
      "tensor.3", "belongs to the body of \(body), return it from there; it cannot be used outside")
  }

  /// Runs the body inside a named scope, which diagrams show as a cluster.
  func scoped<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let outer = builder.annotation.scope
    builder.annotation.scope = builder.graph.addScope(name, parent: outer)
    defer { builder.annotation.scope = outer }
    return try body()
  }

  func throwProblems() throws { if !problems.isEmpty { throw TraceError(problems: problems) } }
}

extension Tensor {
  /// The line that made it.
  var location: SourceLocation? {
    guard let trace, let value else { return origin?.location }
    let graph = trace.builder.graph
    let token = graph.definingOperation(of: value).flatMap { graph[$0].annotation.location }
    return (token ?? trace.parameterSites[value]).flatMap(trace.locations.location)
  }
}

extension Tensor {
  fileprivate func refusal(_ constraint: String, _ problem: String) -> TypeError {
    TypeError(constraint, "\(type) \(problem)\(location.suffix)")
  }
}

extension Trace {
  /// Labels a value; a parameter of the body keeps its name, by which the host addresses it.
  func label(_ tensor: Tensor, _ name: String) {
    guard let value = values(of: [tensor])?.first else { return }
    if case .parameter(Graph.body, _) = builder.graph[value].definition { return }
    builder.graph[value].name = name
  }

  func constant(_ number: Double, _ type: TensorType) -> Tensor {
    if let problem = type.elementType.problem(holding: number) {
      note(TypeError("constant.3", problem))
      return Tensor(self, nil, type)
    }
    let attributes: Attributes = [
      "value": .number(number), "element_type": .elementType(type.elementType), "shape": .integers(type.shape.extents),
    ]
    return apply(.constant, [], attributes, guess: type, axisNames: type.shape.names)[0]
  }
}
