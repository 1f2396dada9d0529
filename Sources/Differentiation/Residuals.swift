import GraphIR
import Operators
import TensorTypes

/// The values of a forward body that a backward body reads.
///
/// Values from around the loop are read in place, whatever the iteration; so is the step index. What is cheap to
/// compute again from other residuals (movement, constants, element-wise work) is computed again instead of kept.
struct Residuals {
  private let build: GraphBuilder
  private let forward: Graph.RegionID
  private let backward: Graph.RegionID
  private let step: Graph.Value

  init(_ build: GraphBuilder, forward: Graph.RegionID, backward: Graph.RegionID, step: Graph.Value) {
    self.build = build
    self.forward = forward
    self.backward = backward
    self.step = step
  }

  /// Turns the backward body's reads of the forward body into slices of stacks.
  ///
  /// - Returns: The forward values to stack, in the order of the new slice parameters.
  func moved() -> [Graph.Value] {
    build.graph.removeDeadOperations(in: backward)
    recomputeCheapValues()
    let backwardStep = build.graph[backward].parameters[0]
    var replacements: [Graph.Value: Graph.Value] = [:]
    var kept: [Graph.Value] = []
    for value in needed() {
      if value == step {
        replacements[value] = backwardStep
      } else {
        let record = build.graph[value]
        replacements[value] = build.graph.addParameter(record.type, name: record.name, to: backward)
        kept.append(value)
      }
    }
    build.graph.replaceUses(in: backward, replacements)
    return kept
  }

  /// Forward values that the backward body reads at the moment.
  private func needed() -> [Graph.Value] {
    build.graph.capturedValues(of: backward).filter { build.graph[$0].region == forward }
  }

  /// Replaces needed values that cost next to nothing by copies of their operations in the backward body.
  ///
  /// Movement and constants always; element-wise work when everything it reads is kept anyway, so no residual is added.
  private func recomputeCheapValues() {
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      let current = needed()
      let available = Set(current)
      for value in current.sorted(by: >) where isCheap(value, available) {
        recompute(value)
        hasChanged = true
        break
      }
    }
  }

  private func isCheap(_ value: Graph.Value, _ available: Set<Graph.Value>) -> Bool {
    guard let operation = forwardOperation(of: value) else { return false }
    switch operation.used.kind {
    case .constant: return true
    case .movement: return !isWorthKeeping(operation, available)
    case .elementwise:
      var leaves: Set<Graph.Value> = []
      return collectLeaves(of: operation, &leaves, depth: 0)
        && leaves.allSatisfy { isKept($0, available) && $0 != value }
    default: return false
    }
  }

  /// Whether a value is needed anyway, as it is or in another order or shape.
  private func isKept(_ value: Graph.Value, _ available: Set<Graph.Value>) -> Bool {
    available.contains(value) || available.contains { source(of: $0) == value }
  }

  /// What a value holds in another order or shape.
  private func source(of value: Graph.Value) -> Graph.Value? {
    guard let operation = forwardOperation(of: value), operation.used.kind == .movement,
      operation.operands.count == 1, let operand = operation.operands.first,
      build.type(of: operand).elementCount == build.type(of: value).elementCount
    else { return nil }
    return source(of: operand) ?? operand
  }

  /// Whether a value holds the same elements as its source, in another order or shape, and nothing else reads the source:
  /// then it is kept as it is read.
  private func isWorthKeeping(_ operation: Graph.Operation, _ available: Set<Graph.Value>) -> Bool {
    guard let source = source(of: operation.results[0]), !available.contains(source),
      let inner = forwardOperation(of: source)
    else { return false }
    return ![.constant, .elementwise, .movement].contains(inner.used.kind)
  }

  /// Longest chain of operations that is computed again for one residual.
  private static let chainLimit = 8

  /// Gathers the forward values that a chain of cheap operations starts from; false if the chain is too long.
  private func collectLeaves(of operation: Graph.Operation, _ leaves: inout Set<Graph.Value>, depth: Int) -> Bool {
    guard depth < Self.chainLimit else { return false }
    return operation.operands.allSatisfy { operand in
      guard build.graph[operand].region == forward else { return true }
      if let inner = forwardOperation(of: operand), [.movement, .constant, .elementwise].contains(inner.used.kind) {
        return collectLeaves(of: inner, &leaves, depth: depth + 1)
      }
      leaves.insert(operand)
      return true
    }
  }

  private func forwardOperation(of value: Graph.Value) -> Graph.Operation? {
    guard build.graph[value].region == forward else { return nil }
    return build.graph.definingOperation(of: value).map { build.graph[$0] }
  }

  /// Copies the value's operation to just before its first use in the backward body.
  private func recompute(_ value: Graph.Value) {
    guard let identifier = build.graph.definingOperation(of: value) else { return }
    let operation = build.graph[identifier]
    let annotation = Graph.Annotation(
      role: .recompute, scope: operation.annotation.scope, location: operation.annotation.location)
    let copy = build.graph.append(
      operation.name, operation.operands, attributes: operation.attributes,
      resultTypes: operation.results.map { build.type(of: $0) }, annotation: annotation, to: backward)
    build.graph[backward].operations.removeLast()
    let replacements = Dictionary(uniqueKeysWithValues: zip(operation.results, build.graph[copy].results))
    let position =
      build.graph[backward].operations.firstIndex { build.graph.reads($0, anyOf: operation.results) }
      ?? build.graph[backward].operations.count
    build.graph.replaceUses(in: backward, replacements)
    build.graph[backward].operations.insert(copy, at: position)
  }
}
