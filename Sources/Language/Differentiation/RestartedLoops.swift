import GraphIR
import Operators
import TensorTypes

extension GraphRewriter {
  /// A loop of many iterations for `revolve`: equal parts whose states are kept, each with levels that start again.
  mutating func restarted(
    _ loop: Repeat, slots: Int, from initial: [Graph.Value], to region: Graph.RegionID
  ) -> [Graph.Value] {
    let plan = RestartPlan(slots: min(slots, loop.count))
    if plan.parts == 1 {
      return part(
        loop, 0..<loop.count, from: initial, to: region, gradient: .revolve(slots: plan.levels), resolveExactMode)
    }
    let length = (loop.count + plan.parts - 1) / plan.parts
    return segments(loop, every: length, gradient: .revolve(slots: plan.levels), from: initial, to: region)
  }
}

/// Loops that keep their first state alone. Going backward, each segment of a level is reached by running the loop again from
/// the state that the level has; the last level's segments are single iterations, differentiated as they come.
extension Differentiator {
  func backwardRestarted(_ loop: Repeat, levels: Int, _ cotangents: inout Cotangents) {
    var state = LoopCotangents(self, loop, cotangents)
    let restart = Restart(
      loop: loop, active: state.active, levels: RestartLevels(iterations: loop.count, levels: levels).levels,
      sequences: loop.stackedInputs.map { self[$0] }, outputs: outputCotangents(of: loop, state.active, cotangents),
      length: build.constant(Double(loop.count), Restart.position))
    build.annotation.role = .backward
    let slices = state.active.slices.map { build.nothing(source.type(of: loop.stackedInputs[$0])) }
    let results = backward(
      restart, depth: 0, from: loop.initialCarries.map { self[$0] },
      first: build.constant(0, Restart.position), end: restart.length, state.values + slices)
    state.replace(results)
    state.store(self, loop, &cotangents)
  }

  /// Goes backward from one iteration to another, both computed.
  ///
  /// - Parameters:
  ///   - state: the carries before the first iteration.
  ///   - values: cotangents of carries, running sums, and cotangents of sequences.
  /// - Returns: the same further back.
  private func backward(
    _ restart: Restart, depth: Int, from state: [Graph.Value], first: Graph.Value, end: Graph.Value,
    _ values: [Graph.Value]
  ) -> [Graph.Value] {
    guard depth < restart.levels.count else { return backwardIteration(restart, at: first, state, values) }
    let level = restart.levels[depth]
    let count = segments(from: first, to: end, of: level.length)
    let region = build.graph.addRegion()
    let number = build.graph.addParameter(Restart.position, name: "segment", to: region)
    let inner = values.map { build.graph.addParameter(build.type(of: $0), name: build.graph[$0].name, to: region) }
    build.inside(region) {
      let one = build.constant(1, like: number)
      let index = build.subtract(build.subtract(count, one), number)
      let length = build.constant(Double(level.length), like: number)
      let start = build.add(first, build.multiply(index, length))
      let reached = run(
        restart, from: state, first, times: build.subtract(start, first), atMost: (level.count - 1) * level.length)
      // Whatever the count, no position is beyond it.
      let rest = build.emit1(.minimum, length, build.subtract(end, start))
      build.graph[region].results = backward(
        restart, depth: depth + 1, from: reached, first: start, end: build.add(start, rest), inner)
    }
    return bounded(values, count, atMost: level.count, region)
  }

  /// Segments of a length in a range of iterations, the last of which may be shorter.
  private func segments(from first: Graph.Value, to end: Graph.Value, of length: Int) -> Graph.Value {
    let number = build.convert(build.subtract(end, first), to: .float64)
    let rounded = build.add(number, build.constant(Double(length - 1), like: number))
    return build.convert(build.divide(rounded, build.constant(Double(length), like: number)), to: .int32)
  }

  /// Runs the loop so many times from a state and an iteration on, keeping nothing.
  private func run(
    _ restart: Restart, from state: [Graph.Value], _ first: Graph.Value, times: Graph.Value, atMost bound: Int
  ) -> [Graph.Value] {
    let region = build.graph.addRegion()
    let number = build.graph.addParameter(Restart.position, name: "step", to: region)
    let carries = state.map { build.graph.addParameter(build.type(of: $0), name: build.graph[$0].name, to: region) }
    let annotation = build.annotation
    build.inside(region) {
      recompute {
        enter(restart, at: build.add(first, number), carries)
        copyOperations(of: restart.loop.region, keepsResiduals: false)
      }
      build.graph[region].results = restart.loop.nextCarries.map { self[$0] }
    }
    build.annotation = annotation
    build.annotation.role = .recompute
    defer { build.annotation = annotation }
    return bounded(state, times, atMost: max(bound, 1), region)
  }

  /// Runs one iteration with what its gradient needs, and goes back through it.
  private func backwardIteration(
    _ restart: Restart, at position: Graph.Value, _ state: [Graph.Value], _ values: [Graph.Value]
  ) -> [Graph.Value] {
    let (active, annotation) = (restart.active, build.annotation)
    let (carryCount, sumCount) = (active.carries.count, active.invariants.count)
    recompute {
      enter(restart, at: position, state)
      copyOperations(of: restart.loop.region, keepsResiduals: true)
    }
    build.annotation = annotation
    let outputs = restart.outputs.map { slice($0, at: position) }
    let results = stepBackward(
      restart.loop, active, Array(values.prefix(carryCount)), Array(values[carryCount..<carryCount + sumCount]), outputs
    )
    build.annotation = annotation
    let sequences = zip(values, results).dropFirst(carryCount + sumCount).map { whole, part in
      replacing(whole, at: position, by: part)
    }
    return results.prefix(carryCount + sumCount) + sequences
  }

  /// The body's parameters at an iteration.
  private func enter(_ restart: Restart, at position: Graph.Value, _ carries: [Graph.Value]) {
    self[restart.loop.stepIndex] = position
    for (carry, value) in zip(restart.loop.carries, carries) { self[carry] = value }
    for (part, sequence) in zip(restart.loop.slices, restart.sequences) { self[part] = slice(sequence, at: position) }
  }

  private func bounded(
    _ values: [Graph.Value], _ count: Graph.Value, atMost bound: Int, _ region: Graph.RegionID
  ) -> [Graph.Value] {
    build.emit(
      .repeat, values + [count],
      ["count": .integer(bound), "carries": .integer(values.count), "bounded": .flag(true)], regions: [region])
  }

  /// One part of a sequence.
  private func slice(_ sequence: Graph.Value, at position: Graph.Value) -> Graph.Value {
    let part = build.emit1(.dynamicSlice, sequence, position, attributes: ["axis": .integer(0), "length": .integer(1)])
    return build.reshape(part, to: build.type(of: part).shape.removing([0]))
  }

  private func replacing(_ sequence: Graph.Value, at position: Graph.Value, by part: Graph.Value) -> Graph.Value {
    let shape = build.type(of: part).shape
    let row = build.reshape(part, to: Shape([1] + shape.extents, names: [nil] + shape.names))
    return build.emit1(.dynamicUpdateSlice, sequence, row, position, attributes: ["axis": .integer(0)])
  }
}

extension Graph.Operation {
  /// What a copy that keeps nothing has: a loop whose gradient is in other loops is a loop like any other.
  var attributesOfCopy: Attributes {
    var copy = attributes
    if case .loop = used.semantics, case .revolve? = GradientMode(attributes) {
      for (name, _) in GradientMode.full.attributes { copy[name] = nil }
    }
    return copy
  }
}

/// A loop whose gradient starts again from states, and what all levels read.
private struct Restart {
  static let position: TensorType = TensorType(.int32, .scalar)

  let loop: Repeat
  let active: LoopActivity
  let levels: [RestartLevels.Level]
  let sequences: [Graph.Value]
  /// Cotangents of the active stacks.
  let outputs: [Graph.Value]
  /// The number of iterations.
  let length: Graph.Value
}
