import GraphIR
import Operators
import TensorTypes

/// The backward body of a loop, with the stacks of residuals that it reads, in the order of its slices.
struct LoopRecord {
  var region: Graph.RegionID
  var stacks: [Graph.Value]
}

/// Loops keep their residuals: one frame per iteration.
///
/// Loops that keep less have been cut into loops and checkpoints before, or keep few states instead.
extension Differentiator {
  /// Emits the forward part of an active loop, which also stacks the residuals of its backward body, and builds that body.
  func forwardLoop(_ identifier: Graph.OperationID) {
    let loop = Repeat(source[identifier], in: source)
    if case .revolve(let slots) = loop.gradient { return forwardRevolve(identifier, loop, slots: slots) }
    let sequences = loop.stackedInputs.map { self[$0] }
    let annotation = build.annotation
    let forward = addRegion(like: loop.region)
    build.inside(forward) { copyOperations(of: loop.region, keepsResiduals: true) }
    build.graph[forward].results = (loop.nextCarries + loop.stackedOutputs).map { self[$0] }
    let ownCount = build.graph[forward].results.count
    let slices = Dictionary(uniqueKeysWithValues: zip(loop.slices.map { self[$0] }, sequences))
    let step = self[loop.stepIndex]
    let backward = backwardBody(loop)
    let residuals = Residuals(build, forward: forward, backward: backward, step: step).moved()
    build.annotation = annotation
    let outputs = Dictionary(
      zip(loop.stackedOutputs.map { self[$0] }, loop.carryCount...), uniquingKeysWith: { first, _ in first })
    // A slice of a sequence is there already, in the sequence, and so is what the loop puts out.
    build.graph[forward].results += residuals.filter { slices[$0] == nil && outputs[$0] == nil }
    let results = emitLoop(
      loop.initialCarries.map { self[$0] } + sequences, carryCount: loop.carryCount, count: loop.count,
      isReversed: loop.isReversed, forward)
    var kept = results.dropFirst(ownCount)
    let stacks = residuals.map { slices[$0] ?? outputs[$0].map { results[$0] } ?? kept.removeFirst() }
    records[identifier] = LoopRecord(region: backward, stacks: stacks)
    setResults(of: identifier, Array(results.prefix(ownCount)))
  }

  /// Emits the backward part of an active loop.
  func backwardLoop(_ identifier: Graph.OperationID, _ cotangents: inout Cotangents) {
    let loop = Repeat(source[identifier], in: source)
    if case .revolve(let slots) = loop.gradient {
      return backwardRevolve(identifier, loop, slots: slots, &cotangents)
    }
    guard let record = records[identifier] else { preconditionFailure("loop \(identifier.index) has no forward part") }
    var state = LoopCotangents(self, loop, cotangents)
    let outputs = outputCotangents(of: loop, state.active, cotangents)
    let carries = state.values
    build.annotation.role = .backward
    let results = emitLoop(
      carries + outputs + record.stacks, carryCount: carries.count, count: loop.count,
      isReversed: !loop.isReversed, record.region)
    state.replace(results)
    state.store(self, loop, &cotangents)
  }

  /// The cotangents of the active stacks of a loop.
  func outputCotangents(of loop: Repeat, _ active: LoopActivity, _ cotangents: Cotangents) -> [Graph.Value] {
    active.outputs.map { index in
      cotangents[loop.stacks[index]] ?? build.nothing(build.type(of: self[loop.stacks[index]]))
    }
  }

  func emitLoop(
    _ operands: [Graph.Value], carryCount: Int, count: Int, isReversed: Bool, _ region: Graph.RegionID
  ) -> [Graph.Value] {
    var attributes: Attributes = ["count": .integer(count), "carries": .integer(carryCount)]
    if isReversed { attributes["reversed"] = .flag(true) }
    return build.emit(.repeat, operands, attributes, regions: [region])
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
      let outputs = active.outputs.map { addCotangentParameter(for: loop.stackedOutputs[$0], to: region) }
      build.graph[region].results = stepBackward(loop, active, carries, sums, outputs)
    }
    build.annotation = outer
    return region
  }

  private func addCotangentParameter(for value: Graph.Value, to region: Graph.RegionID) -> Graph.Value {
    build.graph.addParameter(source.type(of: value), name: source[value].name.map { "d." + $0 }, to: region)
  }

  /// Goes backward through one copy of the body at the insertion point; returns cotangents of carries, then sums, then
  /// cotangents of the sequences' slices.
  func stepBackward(
    _ loop: Repeat, _ active: LoopActivity, _ carries: [Graph.Value], _ sums: [Graph.Value],
    _ outputs: [Graph.Value]
  ) -> [Graph.Value] {
    var inner = Cotangents()
    for (value, sum) in zip(active.invariants, sums) { inner[value] = sum }
    // Before the carries, as in the unrolled program: what reads outputs comes after the last iteration.
    for (index, cotangent) in zip(active.outputs, outputs) {
      accumulate(cotangent, to: loop.stackedOutputs[index], &inner)
    }
    for (index, cotangent) in zip(active.carries, carries) where activity.isActive(loop.nextCarries[index]) {
      accumulate(cotangent, to: loop.nextCarries[index], &inner)
    }
    backward(loop.region, &inner)
    let annotation = build.annotation
    build.annotation.role = .backward
    let values = active.carries.map { loop.carries[$0] } + active.invariants + active.slices.map { loop.slices[$0] }
    let results = values.map { inner[$0] ?? build.nothing(source.type(of: $0)) }
    build.annotation = annotation
    return results
  }
}
