import GraphIR
import Operators

/// Which values matter for a gradient, decided before anything is differentiated.
///
/// A value is *varied* if it depends on a differentiation target through differentiable operations, and *useful* if the
/// loss depends on it. Only values that are both get cotangents; so a detached region stores no residuals.
struct Activity {
  private let graph: Graph
  private var varied: [Bool]
  private var useful: [Bool]

  init(_ graph: Graph, loss: Graph.Value, targets: [Graph.Value]) {
    self.init(graph, loss: loss, targets: targets) { _ in (false, false) }
  }

  /// The activity of a graph whose loops are cut into segments: all copies of a value are as active as the value was, so
  /// that the same cotangents flow, with the same bits.
  ///
  /// - Parameter origins: by value, what it is a copy of in the graph of the other activity.
  init(
    _ graph: Graph, loss: Graph.Value, targets: [Graph.Value], like whole: Activity,
    _ origins: [Graph.Value: Graph.Value]
  ) {
    self.init(graph, loss: loss, targets: targets) { value in
      origins[value].map { (whole.isVaried($0), whole.isUseful($0)) } ?? (false, false)
    }
  }

  private init(
    _ graph: Graph, loss: Graph.Value, targets: [Graph.Value], _ known: (Graph.Value) -> (varied: Bool, useful: Bool)
  ) {
    self.graph = graph
    let start = graph.values.indices.map { known(Graph.Value($0)) }
    varied = start.map(\.varied)
    useful = start.map(\.useful)
    for target in targets { varied[Int(target.index)] = true }
    useful[Int(loss.index)] = true
    propagateVaried(Graph.body)
    propagateUseful(Graph.body)
  }

  func isActive(_ value: Graph.Value) -> Bool { varied[Int(value.index)] && useful[Int(value.index)] }
  func isVaried(_ value: Graph.Value) -> Bool { varied[Int(value.index)] }
  func isUseful(_ value: Graph.Value) -> Bool { useful[Int(value.index)] }

  private mutating func mark(_ value: Graph.Value, _ isMarked: Bool) -> Bool {
    guard isMarked, !varied[Int(value.index)], graph.type(of: value).elementType.isFloatingPoint else { return false }
    varied[Int(value.index)] = true
    return true
  }

  private mutating func propagateVaried(_ region: Graph.RegionID) {
    for identifier in graph[region].operations {
      let operation = graph[identifier]
      switch operation.used.semantics {
      case .loop: propagateVaried(through: Repeat(operation, in: graph))
      case .checkpoint:
        propagateVaried(operation.regions[0])
        copyVaried(from: graph[operation.regions[0]].results, to: operation.results)
      case .primitive, .composite:
        let isVaried = operation.operandsWithGradient.contains { varied[Int($0.index)] }
        for result in operation.results { _ = mark(result, isVaried) }
      }
    }
  }

  /// Repeats the body until no further carry becomes varied: at most carries + 1 rounds.
  private mutating func propagateVaried(through loop: Repeat) {
    copyVaried(from: loop.initialCarries + loop.stackedInputs, to: loop.carries + loop.slices)
    repeat { propagateVaried(loop.region) } while copyVaried(from: loop.nextCarries, to: loop.carries)
    copyVaried(from: loop.stackedOutputs, to: loop.stacks)
    copyVaried(from: loop.nextCarries, to: loop.finalCarries)
  }

  @discardableResult
  private mutating func copyVaried(from sources: [Graph.Value], to values: [Graph.Value]) -> Bool {
    var hasChanged = false
    for (source, value) in zip(sources, values) where mark(value, varied[Int(source.index)]) { hasChanged = true }
    return hasChanged
  }

  private mutating func propagateUseful(_ region: Graph.RegionID) {
    for identifier in graph[region].operations.reversed() {
      let operation = graph[identifier]
      switch operation.used.semantics {
      case .loop: propagateUseful(through: Repeat(operation, in: graph))
      case .checkpoint:
        copyUseful(from: operation.results, to: graph[operation.regions[0]].results)
        propagateUseful(operation.regions[0])
      case .primitive, .composite:
        if operation.results.contains(where: { useful[Int($0.index)] }) {
          for operand in operation.operandsWithGradient { useful[Int(operand.index)] = true }
        }
      }
    }
  }

  private mutating func propagateUseful(through loop: Repeat) {
    copyUseful(from: loop.operation.results, to: loop.nextCarries + loop.stackedOutputs)
    repeat { propagateUseful(loop.region) } while copyUseful(from: loop.carries, to: loop.nextCarries)
    copyUseful(from: loop.carries + loop.slices, to: loop.initialCarries + loop.stackedInputs)
    copyUseful(from: loop.finalCarries, to: loop.nextCarries)
  }

  @discardableResult
  private mutating func copyUseful(from sources: [Graph.Value], to values: [Graph.Value]) -> Bool {
    var hasChanged = false
    for (source, value) in zip(sources, values) where useful[Int(source.index)] && !useful[Int(value.index)] {
      useful[Int(value.index)] = true
      hasChanged = true
    }
    return hasChanged
  }
}
