import GraphIR
import Operators
import TensorTypes

extension Graph {
  /// The graph with truncated gradients made explicit: `last(k)` becomes a detached loop of the first iterations and a
  /// differentiated loop of the last k; `none` becomes a loop whose results stop the gradient.
  public func resolvingGradientModes() -> Graph {
    GraphRewriter.rewrite(self, resolveGradientMode)
  }
}

private func resolveGradientMode(
  _ rewriter: inout GraphRewriter, _ identifier: Graph.OperationID, _ region: Graph.RegionID
) -> [Graph.Value]? {
  let operation = rewriter.source[identifier]
  guard case .loop = operation.used.semantics else { return nil }
  let loop = Repeat(operation, in: rewriter.source)
  switch GradientMode(operation.attributes) {
  case .none: return rewriter.detachedLoop(loop, count: loop.count, to: region)
  case .last(let kept) where kept < loop.count:
    let detachedCount = loop.count - kept
    let carries = rewriter.detachedLoop(loop, count: detachedCount, to: region)
    return rewriter.loop(loop, count: kept, from: carries, firstStep: detachedCount, to: region)
  default: return nil
  }
}

extension GraphRewriter {
  fileprivate mutating func detachedLoop(
    _ loop: Repeat, count: Int, to region: Graph.RegionID
  ) -> [Graph.Value] {
    let initial = loop.initialCarries.map { self[$0] }
    let operationCount = target.operations.count
    let results = self.loop(loop, count: count, from: initial, firstStep: 0, to: region)
    for index in operationCount..<target.operations.count { target.operations[index].annotation.role = .detached }
    var annotation = loop.operation.annotation
    annotation.role = .detached
    return build(in: region, annotation: annotation) { build in
      results.map { build.emit1(.stopGradient, $0) }
    }
  }

  /// A copy of the loop for some of its iterations, differentiated in full.
  fileprivate mutating func loop(
    _ loop: Repeat, count: Int, from carries: [Graph.Value], firstStep: Int, to region: Graph.RegionID
  ) -> [Graph.Value] {
    precondition(loop.stackedInputs.isEmpty && loop.stacks.isEmpty, "a truncated loop has stacks")
    let copy = target.addRegion()
    for parameter in [loop.stepIndex] + loop.carries {
      self[parameter] = target.addParameter(source.type(of: parameter), name: source[parameter].name, to: copy)
    }
    if firstStep > 0, source.useCounts()[Int(loop.stepIndex.index)] > 0 {
      let index = self[loop.stepIndex]
      self[loop.stepIndex] = build(in: copy, annotation: loop.operation.annotation) { build in
        build.add(index, build.constant(Double(firstStep), like: index))
      }
    }
    copyOperations(of: loop.region, to: copy, resolveGradientMode)
    target[copy].results = loop.nextCarries.map { self[$0] }
    return build(in: region, annotation: loop.operation.annotation) { build in
      build.emit(
        .repeat, carries, ["count": .integer(count), "carries": .integer(carries.count)], regions: [copy])
    }
  }
}
