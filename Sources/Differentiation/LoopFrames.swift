import GraphIR
import Operators
import TensorTypes

/// Loops whose residuals are kept: one frame per iteration.
extension Differentiator {
  /// Emits a loop that also stacks the residuals its backward body reads, and builds that body.
  ///
  /// - Parameter firstStep: step of the whole loop at which this one starts, as a value; nil for 0.
  func augmentedLoop(
    _ loop: Repeat, count: Int, firstStep: Graph.Value?, from carries: [Graph.Value]
  ) -> ([Graph.Value], LoopRecord) {
    let annotation = build.annotation
    let forward = addRegion(like: loop.region)
    let step = self[loop.stepIndex]
    build.inside(forward) {
      if let firstStep, isStepUsed(loop) { self[loop.stepIndex] = build.add(step, firstStep) }
      copyOperations(of: loop.region, keepsResiduals: true)
    }
    build.graph[forward].results = loop.nextCarries.map { self[$0] }
    let backward = backwardBody(loop)
    let residuals = Residuals(build, forward: forward, backward: backward, step: step).moved()
    build.annotation = annotation
    build.graph[forward].results += residuals
    let results = emitLoop(carries, [], carryCount: carries.count, count: count, isReversed: false, forward)
    let stacks = Array(results.dropFirst(carries.count))
    return (Array(results.prefix(carries.count)), .residuals(region: backward, stacks: stacks))
  }

  /// The body of the backward loop: parameters are the step, the cotangents of active carries, and running sums.
  ///
  /// It still refers to values of the forward body; those are the residuals.
  private func backwardBody(_ loop: Repeat) -> Graph.RegionID {
    let active = LoopActivity(loop, source, activity)
    let region = build.graph.addRegion()
    _ = build.graph.addParameter(TensorType(.int32, .scalar), name: "step", to: region)
    let outer = build.annotation
    build.annotation.role = .backward
    build.inside(region) {
      let carries = active.carries.map { addCotangentParameter(for: loop.nextCarries[$0], to: region) }
      let sums = active.invariants.map { addCotangentParameter(for: $0, to: region) }
      build.graph[region].results = stepBackward(loop, active, carries, sums)
    }
    build.annotation = outer
    return region
  }

  private func addCotangentParameter(for value: Graph.Value, to region: Graph.RegionID) -> Graph.Value {
    build.graph.addParameter(source.type(of: value), name: source[value].name.map { "d." + $0 }, to: region)
  }

  /// Goes backward through one copy of the body at the insertion point; returns cotangents of carries, then sums.
  func stepBackward(
    _ loop: Repeat, _ active: LoopActivity, _ carries: [Graph.Value], _ sums: [Graph.Value]
  ) -> [Graph.Value] {
    var inner = Cotangents()
    for (value, sum) in zip(active.invariants, sums) { inner[value] = sum }
    for (index, cotangent) in zip(active.carries, carries) where activity.isActive(loop.nextCarries[index]) {
      accumulate(cotangent, to: loop.nextCarries[index], &inner)
    }
    backward(loop.region, &inner)
    let annotation = build.annotation
    build.annotation.role = .backward
    let results =
      active.carries.map { index in
        inner[loop.carries[index]] ?? build.nothing(source.type(of: loop.carries[index]))
      } + active.invariants.map { inner[$0] ?? build.nothing(source.type(of: $0)) }
    build.annotation = annotation
    return results
  }

  /// Emits the backward loop over frames of residuals.
  func backwardFrames(
    _ loop: Repeat, _ count: Int, _ region: Graph.RegionID, _ stacks: [Graph.Value], _ state: inout LoopCotangents
  ) {
    build.annotation.role = .backward
    let results = emitLoop(
      state.values, stacks, carryCount: state.values.count, count: count, isReversed: true, region)
    state.replace(results.prefix(state.values.count))
  }
}
