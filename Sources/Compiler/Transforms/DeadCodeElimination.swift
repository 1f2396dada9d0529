import GraphIR
import Operators

extension Pass {
  /// Drops operations whose results nothing reads, and loop carries and stacks that nothing needs.
  ///
  ///     %1 = sine %0
  ///     return %0
  /// ->
  ///     return %0
  public static let deadCodeElimination: Pass = Pass("dead-code-elimination") { graph in
    let liveness = LiveValues(graph)
    return GraphRewriter.rewrite(graph) { rewriter, identifier, region in
      let operation = rewriter.source[identifier]
      if !operation.results.contains(where: liveness.isLive) { return [] }
      guard case .loop = operation.used.semantics else { return nil }
      return rewriter.copyTrimmed(identifier, liveness, to: region)
    }
  }
}

/// The values that the results of the graph depend on.
private struct LiveValues {
  private let graph: Graph
  private var live: [Bool]

  init(_ graph: Graph) {
    self.graph = graph
    live = Array(repeating: false, count: graph.values.count)
    mark(graph.results)
    walk(Graph.body)
  }

  func isLive(_ value: Graph.Value) -> Bool { live[Int(value.index)] }

  private mutating func mark(_ values: some Sequence<Graph.Value>) {
    for value in values { live[Int(value.index)] = true }
  }

  private mutating func walk(_ region: Graph.RegionID) {
    for identifier in graph[region].operations.reversed() {
      let operation = graph[identifier]
      guard operation.results.contains(where: isLive) else { continue }
      if case .loop = operation.used.semantics {
        walk(Repeat(operation, in: graph))
      } else {
        mark(operation.operands)
        for inner in operation.regions {
          mark(graph[inner].results)
          walk(inner)
        }
      }
    }
  }

  /// A carry is live when its final value is, or when a live value of the body depends on it.
  private mutating func walk(_ loop: Repeat) {
    for (result, yielded) in zip(loop.operation.results, loop.nextCarries + loop.stackedOutputs) where isLive(result) {
      mark([yielded])
    }
    for (result, carry) in zip(loop.finalCarries, loop.carries) where isLive(result) { mark([carry]) }
    var hasChanged = true
    while hasChanged {
      walk(loop.region)
      hasChanged = false
      for (carry, next) in zip(loop.carries, loop.nextCarries) where isLive(carry) && !isLive(next) {
        mark([next])
        hasChanged = true
      }
    }
    let inputs = loop.initialCarries + loop.stackedInputs
    mark(zip(loop.carries + loop.slices, inputs).filter { isLive($0.0) }.map(\.1))
    mark([loop.runTimeCount].compactMap { $0 })
  }
}

extension GraphRewriter {
  /// A copy of a loop without its dead carries, inputs and outputs.
  fileprivate mutating func copyTrimmed(
    _ identifier: Graph.OperationID, _ liveness: LiveValues, to region: Graph.RegionID
  ) -> [Graph.Value]? {
    let loop = Repeat(source[identifier], in: source)
    let carries = loop.carries.indices.filter {
      liveness.isLive(loop.carries[$0]) || liveness.isLive(loop.finalCarries[$0])
    }
    let slices = loop.slices.indices.filter { liveness.isLive(loop.slices[$0]) }
    let stacks = loop.stacks.indices.filter { liveness.isLive(loop.stacks[$0]) }
    if carries.count == loop.carryCount, slices.count == loop.slices.count, stacks.count == loop.stacks.count {
      return nil
    }
    let copy = target.addRegion()
    let parameters = [loop.stepIndex] + carries.map { loop.carries[$0] } + slices.map { loop.slices[$0] }
    for value in parameters {
      self[value] = target.addParameter(source.type(of: value), name: source[value].name, to: copy)
    }
    copyOperations(of: loop.region, to: copy) { rewriter, inner, destination in
      if !rewriter.source[inner].results.contains(where: liveness.isLive) { return [] }
      guard case .loop = rewriter.source[inner].used.semantics else { return nil }
      return rewriter.copyTrimmed(inner, liveness, to: destination)
    }
    let yields = carries.map { loop.nextCarries[$0] } + stacks.map { loop.stackedOutputs[$0] }
    target[copy].results = yields.map { self[$0] }
    let operands =
      carries.map { loop.initialCarries[$0] } + slices.map { loop.stackedInputs[$0] }
      + [loop.runTimeCount].compactMap { $0 }
    var attributes = loop.operation.attributes
    attributes["carries"] = .integer(carries.count)
    let kept = carries.map { loop.finalCarries[$0] } + stacks.map { loop.stacks[$0] }
    let operation = target.append(
      loop.operation.name, operands.map { self[$0] }, attributes: attributes, regions: [copy],
      resultTypes: kept.map { source.type(of: $0) }, annotation: loop.operation.annotation, to: region)
    let results = target[operation].results
    // Positions of dropped results are filled with any value; nothing reads them.
    var next = 0
    return loop.operation.results.map { result in
      guard next < kept.count, kept[next] == result else { return results[max(next - 1, 0)] }
      next += 1
      return results[next - 1]
    }
  }
}
