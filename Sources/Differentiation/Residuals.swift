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
    guard let identifier = build.graph.definingOperation(of: value) else { return false }
    let operation = build.graph[identifier]
    switch operation.used.kind {
    case .movement, .constant: return true
    case .elementwise:
      return operation.operands.allSatisfy { operand in
        roots(operand).allSatisfy { build.graph[$0].region != forward || (available.contains($0) && $0 != value) }
      }
    default: return false
    }
  }

  /// The values that a value is moved from.
  private func roots(_ value: Graph.Value) -> [Graph.Value] {
    guard build.graph[value].region == forward, let identifier = build.graph.definingOperation(of: value),
      [.movement, .constant].contains(build.graph[identifier].used.kind)
    else { return [value] }
    return build.graph[identifier].operands.flatMap(roots)
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
