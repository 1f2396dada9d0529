import GraphIR
import Operators
import TensorTypes

extension Graph {
  /// The graph with gradient modes made explicit, so that every loop that is left keeps its residuals, or few
  /// states.
  ///
  /// `last(k)` becomes a detached loop of the first iterations and a differentiated loop of the last k; `none` becomes a
  /// loop whose results stop the gradient; `checkpointed` becomes a loop over checkpoints, so does `revolve`
  /// with a slot for every state; other loops with `revolve` stay as they are.
  public func resolvingGradientModes() -> Graph { resolvingTruncation().resolvingExactModes().graph }

  /// Without `last` and `none`.
  func resolvingTruncation() -> Graph {
    GraphRewriter.rewrite(GraphRewriter.rewrite(self, resolveReversal), resolveTruncation)
  }

  /// Without `checkpointed`; beside it, by value of the new graph, what it is a
  /// copy of.
  func resolvingExactModes() -> (graph: Graph, origins: [Graph.Value: Graph.Value]) {
    var rewriter = GraphRewriter(self, recordsOrigins: true)
    rewriter.copyParameters()
    rewriter.copyOperations(of: Graph.body, to: Graph.body, resolveExactMode)
    rewriter.copyResults()
    return (rewriter.target, rewriter.origins ?? [:])
  }
}

/// Loops that run from the last iteration to the first and keep less than all are loops over turned sequences.
private func resolveReversal(
  _ rewriter: inout GraphRewriter, _ identifier: Graph.OperationID, _ region: Graph.RegionID
) -> [Graph.Value]? {
  guard let (loop, initial) = rewriter.loop(identifier), loop.isReversed, loop.gradient != .full else { return nil }
  let annotation = loop.operation.annotation
  let sequences = loop.stackedInputs.map { rewriter[$0] }
  let turned = rewriter.build(in: region, annotation: annotation) { build in sequences.map(build.turned) }
  var results = rewriter.part(
    loop, count: loop.count, firstStep: .last(loop.count - 1), from: initial, turned, to: region,
    gradient: loop.gradient, resolveReversal)
  let stacks = results.dropFirst(loop.carryCount)
  let outputs = rewriter.build(in: region, annotation: annotation) { build in stacks.map(build.turned) }
  results.replaceSubrange(loop.carryCount..., with: outputs)
  return results
}

private func resolveTruncation(
  _ rewriter: inout GraphRewriter, _ identifier: Graph.OperationID, _ region: Graph.RegionID
) -> [Graph.Value]? {
  guard let (loop, initial) = rewriter.loop(identifier) else { return nil }
  switch loop.gradient {
  case .none: return rewriter.detachedPart(loop, 0..<loop.count, from: initial, to: region)
  case .last(let kept):
    guard kept < loop.count else { return nil }
    let split = loop.count - kept
    let first = rewriter.detachedPart(loop, 0..<split, from: initial, to: region)
    let carries = Array(first.prefix(loop.carryCount))
    let last = rewriter.part(loop, split..<loop.count, from: carries, to: region, resolveTruncation)
    return rewriter.joined(loop, [first, last], to: region)
  case .full, .checkpointed, .revolve: return nil
  }
}

/// Resolves `checkpointed`; parts of a loop that is cut use it for the loops inside them.
func resolveExactMode(
  _ rewriter: inout GraphRewriter, _ identifier: Graph.OperationID, _ region: Graph.RegionID
) -> [Graph.Value]? {
  guard let (loop, initial) = rewriter.loop(identifier) else { return nil }
  switch loop.gradient {
  case .full, .last, .none: return nil
  case .checkpointed(let every): return rewriter.segments(loop, every: every, from: initial, to: region)
  // Every state has a place.
  case .revolve(let slots) where slots >= loop.count - 1:
    return rewriter.segments(loop, every: 1, from: initial, to: region)
  case .revolve: return nil
  }
}

extension GraphRewriter {
  /// An operation of the source as a loop, with its initial carries in the target; nil for any other.
  fileprivate func loop(_ identifier: Graph.OperationID) -> (loop: Repeat, initial: [Graph.Value])? {
    let operation = source[identifier]
    guard case .loop = operation.used.semantics else { return nil }
    let loop = Repeat(operation, in: source)
    return (loop, loop.initialCarries.map { self[$0] })
  }

  fileprivate mutating func detachedPart(
    _ loop: Repeat, _ steps: Range<Int>, from carries: [Graph.Value], to region: Graph.RegionID
  ) -> [Graph.Value] {
    let operationCount = target.operations.count
    let results = part(loop, steps, from: carries, to: region, resolveTruncation)
    for index in operationCount..<target.operations.count { target.operations[index].annotation.role = .detached }
    var annotation = loop.operation.annotation
    annotation.role = .detached
    return build(in: region, annotation: annotation) { build in
      results.map { build.emit1(.stopGradient, $0) }
    }
  }

  /// A copy of the loop for some of its iterations: last carries, then outputs.
  mutating func part(
    _ loop: Repeat, _ steps: Range<Int>, from carries: [Graph.Value], to region: Graph.RegionID,
    gradient: GradientMode = .full, _ rule: GraphRewriter.Rule
  ) -> [Graph.Value] {
    let whole = loop.stackedInputs.map { self[$0] }
    let sequences = build(in: region, annotation: loop.operation.annotation) { build in
      whole.map { build.slice($0, steps, of: loop.count) }
    }
    return part(
      loop, count: steps.count, firstStep: .number(steps.lowerBound), from: carries, sequences, to: region,
      gradient: gradient, rule)
  }

  enum FirstStep {
    case number(Int)
    case value(Graph.Value)
    /// From there to 0.
    case last(Int)
  }

  mutating func part(
    _ loop: Repeat, count: Int, firstStep: FirstStep, from carries: [Graph.Value], _ sequences: [Graph.Value],
    to region: Graph.RegionID, gradient: GradientMode = .full, _ rule: GraphRewriter.Rule
  ) -> [Graph.Value] {
    let copy = target.addRegion()
    for parameter in [loop.stepIndex] + loop.carries + loop.slices {
      self[parameter] = target.addParameter(source.type(of: parameter), name: source[parameter].name, to: copy)
    }
    if source.reads(loop.stepIndex, in: loop.region) {
      let index = self[loop.stepIndex]
      self[loop.stepIndex] = build(in: copy, annotation: loop.operation.annotation) { build in
        switch firstStep {
        case .number(0): index
        case .number(let number): build.add(index, build.constant(Double(number), like: index))
        case .value(let value): build.add(index, value)
        case .last(let number): build.subtract(build.constant(Double(number), like: index), index)
        }
      }
    }
    copyOperations(of: loop.region, to: copy, rule)
    target[copy].results = (loop.nextCarries + loop.stackedOutputs).map { self[$0] }
    var attributes: Attributes = ["count": .integer(count), "carries": .integer(carries.count)]
    if gradient != .full { for (name, value) in gradient.attributes { attributes[name] = value } }
    let results = build(in: region, annotation: loop.operation.annotation) { build in
      build.emit(.repeat, carries + sequences, attributes, regions: [copy])
    }
    recordCarries(of: loop, results)
    return results
  }

  /// The carries that a part of a loop ends with are the next part's, as the next carries are in the loop.
  mutating func recordCarries(of loop: Repeat, _ results: [Graph.Value]) {
    for (result, next) in zip(results, loop.nextCarries) { record(result, asCopyOf: next) }
  }

  /// The last carries of the last part, and the outputs of all parts one after another.
  mutating func joined(
    _ loop: Repeat, _ parts: [[Graph.Value]], to region: Graph.RegionID
  ) -> [Graph.Value] {
    let carries = parts[parts.count - 1].prefix(loop.carryCount)
    return build(in: region, annotation: loop.operation.annotation) { build in
      carries
        + loop.stacks.indices.map { index in
          let outputs = parts.map { $0[loop.carryCount + index] }
          return outputs.count == 1
            ? outputs[0] : build.emit(.concatenate, outputs, ["axis": .integer(0)])[0]
        }
    }
  }
}

extension GraphBuilder {
  /// Some parts of a sequence.
  func slice(_ sequence: Graph.Value, _ steps: Range<Int>, of count: Int) -> Graph.Value {
    if steps == 0..<count { return sequence }
    return emit1(
      .slice, sequence,
      attributes: [
        "axis": .integer(0), "start": .integer(steps.lowerBound), "end": .integer(steps.upperBound),
      ])
  }

  /// The parts of a sequence from the last to the first.
  func turned(_ sequence: Graph.Value) -> Graph.Value {
    emit1(.reverse, sequence, attributes: ["axis": .integer(0)])
  }

  /// `[count * length, rest] -> [count, length, rest]`.
  func cut(_ sequence: Graph.Value, _ lengths: SegmentLengths) -> Graph.Value {
    let shape = type(of: sequence).shape
    return reshape(
      sequence,
      to: Shape(
        [lengths.count, lengths.length] + shape.extents.dropFirst(), names: [nil, nil] + shape.names.dropFirst()))
  }

  /// `[count, length, rest] -> [count * length, rest]`.
  func uncut(_ outputs: Graph.Value) -> Graph.Value {
    let shape = type(of: outputs).shape
    return reshape(
      outputs, to: Shape([shape[0] * shape[1]] + shape.extents.dropFirst(2), names: [nil] + shape.names.dropFirst(2)))
  }
}
