import GraphIR
import Operators
import TensorTypes

/// A graph that also computes gradients.
public struct Differentiated: Sendable {
  public var graph: Graph
  public var loss: Graph.Value
  /// What gradients are taken with respect to, in the order of the graph's parameters: its weights, unless others were asked
  /// for.
  public var targets: [Graph.Value]
  /// The gradient of the loss with respect to each target.
  public var gradients: [Graph.Value]
  /// Names of targets that the loss does not depend on; their gradients are zero.
  public var disconnectedWeights: [String]
}

extension Graph {
  /// The graph extended by the gradient of one of its results with respect to its weights, or to parameters of the caller's
  /// choice.
  ///
  /// Truncated loops are split first, activity is decided next, and only active operations are differentiated, each by
  /// its operator's rule. Loops are differentiated as loops: the forward one writes a frame of residuals per
  /// iteration, the backward one reads them in reverse. The new graph has the old results; gradients are not yet among
  /// them.
  ///
  /// - Parameters:
  ///   - result: position of the loss among the results, a floating-point scalar.
  ///   - targets: positions of floating-point parameters; nil for all weights.
  /// - Throws: `GraphViolations` for a graph that is not sound, `TypeError` when the loss is not a scalar, or depends on
  ///   targets through a loop whose count is computed, or a target has no gradient.
  public func differentiated(result: Int = 0, targets: [Int]? = nil) throws -> Differentiated {
    try verify()
    let positions = targets.map { Set($0).sorted() } ?? parameterRoles.indices.filter { parameterRoles[$0] == .weight }
    for position in targets ?? [] { try checkTarget(position) }
    guard results.indices.contains(result) else {
      throw TypeError("gradient.0", "the loss must be one of \(results.count) results, got position \(result)")
    }
    let whole = decomposed { if case .decomposed = $0.gradient { true } else { false } }.resolvingTruncation()
    let (resolved, origins) = whole.resolvingExactModes()
    let loss = resolved.results[result]
    let type = resolved.type(of: loss)
    guard type.shape.rank == 0, type.elementType.isFloatingPoint else {
      throw TypeError("gradient.1", "the loss must be a floating-point scalar, got \(type)")
    }
    let activity = Activity(
      resolved, loss: loss, targets: positions.map { resolved.parameters[$0] },
      like: Activity(whole, loss: whole.results[result], targets: positions.map { whole.parameters[$0] }), origins)
    try resolved.checkCounts(activity)
    let differentiator = Differentiator(resolved, activity)
    return differentiator.differentiate(loss: loss, targets: positions.map { resolved.parameters[$0] })
  }

  private func checkTarget(_ position: Int) throws {
    guard parameters.indices.contains(position) else {
      throw TypeError("gradient.2", "a target must be one of \(parameters.count) parameters, got position \(position)")
    }
    let value = parameters[position]
    guard !type(of: value).elementType.isFloatingPoint else { return }
    throw TypeError("gradient.3", "'\(self[value].name ?? "")' is \(type(of: value)), which has no gradient")
  }
}

extension Graph {
  /// A loop that may run any number of times keeps no frames to go back through.
  fileprivate func checkCounts(_ activity: Activity) throws {
    for region in regions {
      for identifier in region.operations {
        let operation = self[identifier]
        guard case .loop = operation.used.semantics, Repeat(operation, in: self).runTimeCount != nil,
          operation.results.contains(where: activity.isActive)
        else { continue }
        let path = scopePath(operation.annotation.scope)
        if Repeat(operation, in: self).expectedCount != nil {
          throw TypeError(
            "repeat.9",
            "the gradient of a loop by revolve\(path.isEmpty ? "" : " (in \(path))") has no gradient itself; use checkpointed"
          )
        }
        throw TypeError(
          "repeat.8",
          "the loss depends on weights through a loop whose count is computed\(path.isEmpty ? "" : " (in \(path))"), "
            + "which has no gradient; detach what it returns")
      }
    }
  }
}

/// Copies a graph while building the backward part beside it.
///
/// Values of the source are mapped to their latest copy; a body that is recomputed is copied again, and its backward
/// part is built right after, so that the map always points to the copy at hand.
final class Differentiator {
  let source: Graph
  let activity: Activity
  let build: GraphBuilder
  private var mapping: [Graph.Value?]
  private var copies: [Graph.OperationID: Graph.OperationID] = [:]
  var records: [Graph.OperationID: LoopRecord] = [:]
  /// What loops with few slots have kept.
  var snapshots: [Graph.OperationID: Snapshots] = [:]
  /// The role that copies get instead of their own, while something is recomputed.
  private var copyRole: Graph.Role?

  init(_ source: Graph, _ activity: Activity) {
    self.source = source
    self.activity = activity
    mapping = Array(repeating: nil, count: source.values.count)
    var target = Graph(name: source.name)
    target.scopes = source.scopes
    target.visits = source.visits
    build = GraphBuilder(target)
  }

  func differentiate(loss: Graph.Value, targets: [Graph.Value]) -> Differentiated {
    for (value, role) in zip(source.parameters, source.parameterRoles) {
      self[value] = build.graph.addParameter(source.type(of: value), name: source[value].name ?? "", role: role)
    }
    copyOperations(of: Graph.body, keepsResiduals: true)
    var cotangents = Cotangents()
    build.annotation = Graph.Annotation(role: .backward)
    if activity.isActive(loss) { cotangents[loss] = build.constant(1, like: self[loss]) }
    backward(Graph.body, &cotangents)
    let gradients = targets.map { cotangents[$0] ?? build.constant(0, like: self[$0]) }
    for (value, role) in zip(source.results, source.resultRoles) {
      build.graph[Graph.body].results.append(self[value])
      build.graph.resultRoles.append(role)
    }
    return Differentiated(
      graph: build.graph, loss: self[loss], targets: targets.map { self[$0] }, gradients: gradients,
      disconnectedWeights: targets.filter { cotangents[$0] == nil }.map { source[$0].name ?? "" })
  }

  subscript(value: Graph.Value) -> Graph.Value {
    get {
      guard let mapped = mapping[Int(value.index)] else { preconditionFailure("value \(value.index) is not copied") }
      return mapped
    }
    set { mapping[Int(value.index)] = newValue }
  }

  /// Copies the operations of a region to the insertion point.
  ///
  /// - Parameter keepsResiduals: whether active loops are copied with their residuals, ready to be differentiated.
  func copyOperations(of region: Graph.RegionID, keepsResiduals: Bool) {
    for identifier in source[region].operations {
      let operation = source[identifier]
      build.annotation = operation.annotation
      if let copyRole { build.annotation.role = copyRole }
      if keepsResiduals, case .loop = operation.used.semantics, operation.results.contains(where: activity.isActive) {
        forwardLoop(identifier)
      } else if region != Graph.body, let custom = CustomGradient(operation) {
        // In bodies values are what residuals are chosen from; under another name they would be kept twice.
        setResults(of: identifier, custom.values.map { self[$0] })
      } else {
        copy(identifier, keepsResiduals: false)
      }
    }
  }

  /// Copies a region for recomputation.
  func recompute<Result>(_ body: () -> Result) -> Result { copying(as: .recompute, body) }

  private func copying<Result>(as role: Graph.Role, _ body: () -> Result) -> Result {
    let outer = copyRole
    copyRole = role
    defer { copyRole = outer }
    return body()
  }

  func copy(_ identifier: Graph.OperationID, keepsResiduals: Bool) {
    let operation = source[identifier]
    let regions = operation.regions.map { region in
      let copy = addRegion(like: region)
      let annotation = build.annotation
      build.inside(copy) { copyOperations(of: region, keepsResiduals: keepsResiduals) }
      build.annotation = annotation
      build.graph[copy].results = source[region].results.map { self[$0] }
      return copy
    }
    let target = build.graph.append(
      operation.name, operation.operands.map { self[$0] }, attributes: operation.attributesOfCopy, regions: regions,
      resultTypes: operation.results.map { source.type(of: $0) }, annotation: build.annotation, to: build.region)
    copies[identifier] = target
    setResults(of: identifier, build.graph[target].results)
  }

  func setResults(of identifier: Graph.OperationID, _ results: [Graph.Value]) {
    for (old, new) in zip(source[identifier].results, results) {
      self[old] = new
      if build.graph[new].name == nil { build.graph[new].name = source[old].name }
    }
  }

  /// A new region with the parameters of a region of the source.
  func addRegion(like region: Graph.RegionID) -> Graph.RegionID {
    let copy = build.graph.addRegion()
    for value in source[region].parameters {
      self[value] = build.graph.addParameter(source.type(of: value), name: source[value].name, to: copy)
    }
    return copy
  }

  /// Walks a region's operations from the last to the first and turns cotangents of results into those of operands.
  func backward(_ region: Graph.RegionID, _ cotangents: inout Cotangents) {
    for identifier in source[region].operations.reversed() {
      let operation = source[identifier]
      guard operation.results.contains(where: { activity.isActive($0) && cotangents[$0] != nil }) else { continue }
      build.annotation = operation.annotation
      build.annotation.role = .backward
      switch operation.used.semantics {
      case .loop: backwardLoop(identifier, &cotangents)
      case .checkpoint: backwardCheckpoint(operation, &cotangents)
      case .primitive, .composite: backwardRule(identifier, &cotangents)
      }
    }
  }

  private func backwardRule(_ identifier: Graph.OperationID, _ cotangents: inout Cotangents) {
    let operation = source[identifier]
    if let custom = CustomGradient(operation) { return backwardCustom(custom, &cotangents) }
    guard case .rule(let rule) = operation.used.gradient, let copy = copies[identifier] else { return }
    let context = GradientContext(
      operation: build.graph[copy], cotangents: operation.results.map { cotangents[$0] }, build: build)
    for (operand, contribution) in zip(operation.operands, rule(context)) {
      guard let contribution, activity.isActive(operand) else { continue }
      accumulate(contribution, to: operand, &cotangents)
    }
  }

  /// Adds a contribution to the cotangent of a value of the source.
  func accumulate(_ contribution: Graph.Value, to value: Graph.Value, _ cotangents: inout Cotangents) {
    cotangents[value] = cotangents[value].map { build.add($0, contribution) } ?? contribution
  }

  /// Puts the author's gradient in its place, with the cotangents as its parameters.
  private func backwardCustom(_ custom: CustomGradient, _ cotangents: inout Cotangents) {
    for (parameter, result) in zip(source[custom.region].parameters, custom.operation.results) {
      self[parameter] = cotangents[result] ?? build.constant(0, like: self[result])
    }
    let annotation = build.annotation
    copying(as: .backward) { copyOperations(of: custom.region, keepsResiduals: false) }
    build.annotation = annotation
    for (operand, gradient) in zip(custom.operands, source[custom.region].results) where activity.isActive(operand) {
      accumulate(self[gradient], to: operand, &cotangents)
    }
  }

  /// Runs the region again from its captured values, then goes backward through the new copy.
  private func backwardCheckpoint(_ operation: Graph.Operation, _ cotangents: inout Cotangents) {
    let region = operation.regions[0]
    guard let waiting = operation.results.compactMap({ cotangents[$0] }).first else { return }
    let captured = source.capturedValues(of: region)
    let originals = captured.map { self[$0] }
    for value in anchored(captured) { self[value] = anchor(self[value], waiting) }
    recompute { copyOperations(of: region, keepsResiduals: true) }
    build.annotation.role = .backward
    for (result, inner) in zip(operation.results, source[region].results) where activity.isActive(inner) {
      if let cotangent = cotangents[result] { accumulate(cotangent, to: inner, &cotangents) }
    }
    backward(region, &cotangents)
    for (value, original) in zip(captured, originals) { self[value] = original }
  }

  /// The captured values that wait for a cotangent, without which the new copy would be the old one.
  ///
  /// What is made of weights and constants alone can then be made once; so they wait only where a region reads nothing else.
  private func anchored(_ captured: [Graph.Value]) -> [Graph.Value] {
    let others = captured.filter { !isWeightOrConstant($0) }
    return others.isEmpty ? captured : others
  }

  private func isWeightOrConstant(_ value: Graph.Value) -> Bool {
    if case .parameter(Graph.body, let position) = source[value].definition {
      return [.weight, .constant].contains(source.parameterRoles[position])
    }
    return source.definingOperation(of: value).map {
      source[$0].used.kind == .constant && source[$0].operands.isEmpty
    } ?? false
  }

  func anchor(_ value: Graph.Value, _ cotangent: Graph.Value) -> Graph.Value {
    build.emit1(.anchor, value, cotangent)
  }
}

/// The cotangent, in the target, of each value of the source.
struct Cotangents {
  private var values: [Graph.Value: Graph.Value] = [:]

  subscript(value: Graph.Value) -> Graph.Value? {
    get { values[value] }
    set { values[value] = newValue }
  }
}
