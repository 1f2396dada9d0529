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
  let locations = LocationTable()
  private(set) var problems: [TraceProblem] = []
  private var weightNames: [ObjectIdentifier: String] = [:]
  private(set) var weights: [(name: String, weight: Weight)] = []
  private var weightValues: [ObjectIdentifier: Graph.Value] = [:]

  /// The trace that records at the moment, if any.
  @TaskLocal static var current: Trace?

  init(name: String, model: Any) {
    builder = GraphBuilder(Graph(name: name))
    for (name, weight) in WeightNames.collect(model) { weightNames[ObjectIdentifier(weight)] = name }
  }

  /// Applies an operator and notes a problem if its operands do not fit.
  func apply(
    _ used: Operator, _ operands: [Tensor], _ attributes: Attributes = [:], guess: TensorType? = nil
  ) -> [Tensor] {
    let placeholder = guess ?? operands.first?.type ?? .scalar
    let values = operands.compactMap(\.value)
    guard values.count == operands.count else { return [Tensor(self, nil, placeholder)] }
    builder.annotation.location = locations.capture()
    do {
      return try builder.apply(used, values, attributes).map { Tensor(self, $0, builder.type(of: $0)) }
    } catch {
      note(error)
      return [Tensor(self, nil, placeholder)]
    }
  }

  /// Notes a problem at the line of user code that is running.
  func note(_ error: any Error) {
    let location = (builder.annotation.location ?? locations.capture()).flatMap(locations.location)
    problems.append(
      TraceProblem(
        message: "\(error)", location: location, scope: builder.graph.scopePath(builder.annotation.scope)))
  }

  /// The value of a weight, a parameter of the graph from its first use on.
  func value(of weight: Weight) -> Tensor {
    let identifier = ObjectIdentifier(weight)
    let type = TensorType(.float32, weight.shape)
    if let value = weightValues[identifier] { return Tensor(self, value, type) }
    let name = weightNames[identifier] ?? weight.fallbackName(weights.count)
    let value = builder.graph.addParameter(type, name: name, role: weight.isTrained ? .weight : .constant)
    weightValues[identifier] = value
    weights.append((name, weight))
    return Tensor(self, value, type)
  }

  /// Runs the body inside a named scope, which diagrams show as a cluster.
  func scoped<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let outer = builder.annotation.scope
    builder.annotation.scope = builder.graph.addScope(name, parent: outer)
    defer { builder.annotation.scope = outer }
    return try body()
  }

  func throwProblems() throws {
    if !problems.isEmpty { throw TraceError(problems: problems) }
  }
}

/// What is wrong at one line of a model.
public struct TraceProblem: Hashable, Sendable, CustomStringConvertible {
  public var message: String
  public var location: SourceLocation?
  public var scope: String

  public var description: String {
    let place = location.map { "\($0): " } ?? ""
    return place + message + (scope.isEmpty ? "" : " (in \(scope))")
  }
}

/// Everything that is wrong with a model.
public struct TraceError: Error, CustomStringConvertible {
  public var problems: [TraceProblem]

  public var description: String {
    problems.count == 1
      ? "\(problems[0])"
      : "\(problems.count) problems:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}
