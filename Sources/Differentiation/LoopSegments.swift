import GraphIR
import Operators

/// How a loop is cut into segments: a first, shorter one for the remainder, then segments of equal length.
struct SegmentLengths {
  let first: Int
  let length: Int
  let count: Int

  init(count total: Int, every: Int) {
    length = min(max(every, 1), total)
    count = total / length
    first = total % length
  }
}

/// Loops that keep their carries every so many iterations and compute the rest again.
extension Differentiator {
  func forwardSegments(
    _ identifier: Graph.OperationID, _ loop: Repeat, _ initial: [Graph.Value], _ lengths: SegmentLengths
  ) {
    var carries = initial
    if lengths.first > 0 { carries = plainLoop(loop, count: lengths.first, firstStep: 0, from: carries) }
    let annotation = build.annotation
    let region = addSegmentRegion(loop)
    let starts = Array(build.graph[region].parameters.dropFirst())
    build.inside(region) {
      let ends =
        lengths.length == 1
        ? inlineStep(loop, starts, keepsResiduals: false, firstStep: lengths.first)
        : plainSegment(loop, lengths, starts)
      build.graph[region].results = ends + starts
    }
    build.annotation = annotation
    let results = emitLoop(
      carries, [], carryCount: carries.count, count: lengths.count, isReversed: false, region)
    records[identifier] = .segments(first: initial, stacks: Array(results.dropFirst(carries.count)))
    setResults(of: identifier, Array(results.prefix(carries.count)))
  }

  func backwardSegments(
    _ loop: Repeat, _ first: [Graph.Value], _ stacks: [Graph.Value], _ state: inout LoopCotangents
  ) {
    let every = GradientMode(loop.operation.attributes).parameter
    let lengths = SegmentLengths(count: loop.count, every: every)
    let annotation = build.annotation
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(.init(.int32, .scalar), name: "segment", to: region)
    var inner = state
    inner.replace(state.values.map { build.graph.addParameter(build.type(of: $0), to: region) })
    let starts = loop.carries.map { value in
      build.graph.addParameter(source.type(of: value), name: source[value].name, to: region)
    }
    build.inside(region) {
      if lengths.length == 1 {
        backwardInlineStep(loop, starts, &inner, firstStep: lengths.first)
      } else {
        let segmentStart = build.emitSegmentStart(region, lengths)
        backwardSegment(loop, lengths.length, starts, &inner, firstStep: segmentStart)
      }
    }
    build.graph[region].results = inner.values
    build.annotation = annotation
    build.annotation.role = .backward
    let results = emitLoop(
      state.values, stacks, carryCount: state.values.count, count: lengths.count, isReversed: true, region)
    state.replace(results)
    if lengths.first > 0 { backwardSegment(loop, lengths.first, first, &state, firstStep: nil) }
  }

  /// Computes a segment again, this time keeping residuals, and goes backward through it.
  func backwardSegment(
    _ loop: Repeat, _ count: Int, _ starts: [Graph.Value], _ state: inout LoopCotangents, firstStep: Graph.Value?
  ) {
    let anchored = starts.map { anchor($0, state.values[0]) }
    build.annotation.role = .recompute
    let (_, record) = recompute { augmentedLoop(loop, count: count, firstStep: firstStep, from: anchored) }
    guard case .residuals(let region, let stacks) = record else { return }
    backwardFrames(loop, count, region, stacks, &state)
  }

  /// Like `backwardSegment` for one iteration, without loops: copy and backward part stand in the current region.
  private func backwardInlineStep(
    _ loop: Repeat, _ starts: [Graph.Value], _ state: inout LoopCotangents, firstStep: Int
  ) {
    let anchored = starts.map { anchor($0, state.values[0]) }
    recompute { _ = inlineStep(loop, anchored, keepsResiduals: true, firstStep: firstStep) }
    build.annotation.role = .backward
    state.replace(stepBackward(loop, state.active, state.carries, state.invariants))
  }

  /// One iteration copied to the insertion point, a segment loop of length 1.
  private func inlineStep(
    _ loop: Repeat, _ carries: [Graph.Value], keepsResiduals: Bool, firstStep: Int
  ) -> [Graph.Value] {
    self[loop.stepIndex] = build.graph[build.region].parameters[0]
    offsetStep(loop, firstStep)
    for (parameter, carry) in zip(loop.carries, carries) { self[parameter] = carry }
    copyOperations(of: loop.region, keepsResiduals: keepsResiduals)
    return loop.nextCarries.map { self[$0] }
  }

  private func plainSegment(_ loop: Repeat, _ lengths: SegmentLengths, _ carries: [Graph.Value]) -> [Graph.Value] {
    let segment = build.region
    let annotation = build.annotation
    let start = isStepUsed(loop) ? build.emitSegmentStart(segment, lengths) : nil
    let region = addRegion(like: loop.region)
    build.inside(region) {
      if let start { self[loop.stepIndex] = build.add(self[loop.stepIndex], start) }
      copyOperations(of: loop.region, keepsResiduals: false)
    }
    build.graph[region].results = loop.nextCarries.map { self[$0] }
    build.annotation = annotation
    return emitLoop(carries, [], carryCount: carries.count, count: lengths.length, isReversed: false, region)
  }

  private func addSegmentRegion(_ loop: Repeat) -> Graph.RegionID {
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(.init(.int32, .scalar), name: "segment", to: region)
    for value in loop.carries {
      _ = build.graph.addParameter(source.type(of: value), name: source[value].name, to: region)
    }
    return region
  }
}

extension GraphBuilder {
  /// The step of the whole loop at which the current segment starts.
  fileprivate func emitSegmentStart(_ region: Graph.RegionID, _ lengths: SegmentLengths) -> Graph.Value {
    let segment = graph[region].parameters[0]
    let start = multiply(segment, constant(Double(lengths.length), like: segment))
    return lengths.first == 0 ? start : add(start, constant(Double(lengths.first), like: segment))
  }
}
