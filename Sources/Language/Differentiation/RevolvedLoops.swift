import GraphIR
import Operators
import TensorTypes

/// Loops that keep as many states as there are slots: the forward loop keeps the first ones, the backward loop goes to each
/// iteration from the nearest state that it has, and keeps others on the way (`revolve`).
extension Differentiator {
  /// Emits the forward part of an active loop.
  func forwardRevolve(_ identifier: Graph.OperationID, _ loop: Repeat, slots: Int) {
    let annotation = build.annotation
    let keeping = SnapshotBuilder(build: build, slots: min(slots, loop.count), count: loop.count)
    let initial = loop.initialCarries.map { self[$0] }
    let none = Snapshots(none: build, of: initial, slots: keeping.slots)
    let region = build.graph.addRegion()
    addParameters(for: [loop.stepIndex] + loop.carries, to: region)
    let old = Snapshots(addParameters(like: none.values, to: region))
    addParameters(for: loop.slices, to: region)
    build.inside(region) {
      let last = build.constant(Double(loop.count - 1), Snapshots.position)
      let new = keeping.stored(loop.carries.map { self[$0] }, before: self[loop.stepIndex], end: last, old)
      copyOperations(of: loop.region, keepsResiduals: false)
      build.graph[region].results =
        loop.nextCarries.map { self[$0] } + new.values + loop.stackedOutputs.map { self[$0] }
    }
    build.annotation = annotation
    let carries = initial + none.values
    let results = emitLoop(
      carries + loop.stackedInputs.map { self[$0] }, carryCount: carries.count, count: loop.count, isReversed: false,
      region)
    snapshots[identifier] = Snapshots(Array(results[initial.count..<carries.count]))
    setResults(of: identifier, Array(results.prefix(initial.count)) + results.dropFirst(carries.count))
  }

  /// Emits the backward part of an active loop.
  func backwardRevolve(
    _ identifier: Graph.OperationID, _ loop: Repeat, slots: Int, _ cotangents: inout Cotangents
  ) {
    guard let kept = snapshots[identifier] else { preconditionFailure("loop \(identifier.index) has no forward part") }
    let annotation = build.annotation
    let keeping = SnapshotBuilder(build: build, slots: min(slots, loop.count), count: loop.count)
    var state = LoopCotangents(self, loop, cotangents)
    let outputs = outputCotangents(of: loop, state.active, cotangents)
    let sequences = loop.stackedInputs.map { self[$0] }
    let region = build.graph.addRegion()
    let position = build.graph.addParameter(Snapshots.position, name: "step", to: region)
    let values = addParameters(like: state.values, to: region)
    let old = Snapshots(addParameters(like: kept.values, to: region))
    let parts = addParameters(likePartsOf: outputs, to: region)
    let slices = addParameters(likePartsOf: sequences, to: region)
    build.inside(region) {
      build.annotation.role = .recompute
      let (start, first, ready) = keeping.start(for: position, old)
      let (carries, reached) = advanced(loop, from: start, first, to: position, ready, sequences, keeping)
      enter(loop, position, carries, slices)
      recompute { copyOperations(of: loop.region, keepsResiduals: true) }
      build.annotation = annotation
      let (carryCount, count) = (state.active.carries.count, values.count)
      let results = stepBackward(
        loop, state.active, Array(values.prefix(carryCount)), Array(values.dropFirst(carryCount)), parts)
      build.annotation.role = .recompute
      build.graph[region].results =
        results.prefix(count) + keeping.dropping(position, reached).values + results.dropFirst(count)
    }
    build.annotation = annotation
    build.annotation.role = .backward
    let carries = state.values + kept.values
    let results = emitLoop(
      carries + outputs + sequences, carryCount: carries.count, count: loop.count, isReversed: true, region)
    state.replace(Array(results.prefix(state.values.count)) + results.dropFirst(carries.count))
    state.store(self, loop, &cotangents)
  }

  /// Runs the loop from a state to an iteration and keeps the states that are due.
  private func advanced(
    _ loop: Repeat, from state: [Graph.Value], _ first: Graph.Value, to end: Graph.Value, _ kept: Snapshots,
    _ sequences: [Graph.Value], _ keeping: SnapshotBuilder
  ) -> (state: [Graph.Value], Snapshots) {
    let annotation = build.annotation
    let region = build.graph.addRegion()
    let number = build.graph.addParameter(Snapshots.position, name: "step", to: region)
    let carries = addParameters(like: state, to: region)
    let old = Snapshots(addParameters(like: kept.values, to: region))
    build.inside(region) {
      let position = build.add(first, number)
      let new = keeping.stored(carries, before: position, end: end, old)
      enter(loop, position, carries, sequences.map { build.part(of: $0, at: position) })
      recompute { copyOperations(of: loop.region, keepsResiduals: false) }
      build.graph[region].results = loop.nextCarries.map { self[$0] } + new.values
    }
    build.annotation = annotation
    let results = build.emit(
      .repeat, state + kept.values + [build.subtract(end, first)],
      [
        "count": .integer(max(loop.count - 1, 1)), "carries": .integer(state.count + kept.values.count),
        "bounded": .flag(true),
        "expected": .number(Double(Revolve.repeats(loop.count, slots: keeping.slots)) / Double(loop.count)),
      ], regions: [region])
    return (Array(results.prefix(state.count)), Snapshots(Array(results.dropFirst(state.count))))
  }

  /// The body's parameters at an iteration.
  private func enter(_ loop: Repeat, _ position: Graph.Value, _ carries: [Graph.Value], _ slices: [Graph.Value]) {
    self[loop.stepIndex] = position
    for (carry, value) in zip(loop.carries, carries) { self[carry] = value }
    for (slice, value) in zip(loop.slices, slices) { self[slice] = value }
  }

  private func addParameters(for values: [Graph.Value], to region: Graph.RegionID) {
    for value in values {
      self[value] = build.graph.addParameter(source.type(of: value), name: source[value].name, to: region)
    }
  }

  private func addParameters(like values: [Graph.Value], to region: Graph.RegionID) -> [Graph.Value] {
    values.map { build.graph.addParameter(build.type(of: $0), name: build.graph[$0].name, to: region) }
  }

  private func addParameters(likePartsOf sequences: [Graph.Value], to region: Graph.RegionID) -> [Graph.Value] {
    sequences.map { sequence in
      let type = build.type(of: sequence)
      return build.graph.addParameter(
        type.with(type.shape.removing([0])), name: build.graph[sequence].name, to: region)
    }
  }
}

extension Graph.Operation {
  /// What a copy that keeps nothing has: a loop whose gradient is in another loop is a loop like any other.
  var attributesOfCopy: Attributes {
    var copy = attributes
    if case .loop = used.semantics, case .revolve? = GradientMode(attributes) {
      for (name, _) in GradientMode.full.attributes { copy[name] = nil }
    }
    return copy
  }
}
