import GraphIR
import Operators

/// What the backward part of a loop needs from its forward part.
enum LoopRecord {
  /// The backward body with the stacks of residuals that it reads, in the order of its slices.
  case residuals(region: Graph.RegionID, stacks: [Graph.Value])
  /// Carries at the start of the first, shorter segment and of every further segment.
  case segments(first: [Graph.Value], stacks: [Graph.Value])
  /// Carries at chosen steps, the initial ones first (revolve).
  case snapshots([Snapshot])

  struct Snapshot {
    var step: Int
    var carries: [Graph.Value]
  }
}

/// The active parts of a loop: what gets cotangents.
struct LoopActivity {
  /// Positions of active carries.
  let carries: [Int]
  /// Captured values whose cotangents are summed over the iterations.
  let invariants: [Graph.Value]

  init(_ loop: Repeat, _ source: Graph, _ activity: Activity) {
    carries = loop.carries.indices.filter { index in
      activity.isActive(loop.carries[index]) || activity.isActive(loop.nextCarries[index])
    }
    invariants = source.capturedValues(of: loop.region).filter(activity.isActive)
  }
}

extension Differentiator {
  /// Emits the forward part of an active loop and notes what its backward part needs.
  func forwardLoop(_ identifier: Graph.OperationID) {
    let operation = source[identifier]
    let loop = Repeat(operation, in: source)
    precondition(loop.stackedInputs.isEmpty && loop.stacks.isEmpty, "a differentiated loop has stacks of its own")
    let initial = loop.initialCarries.map { self[$0] }
    switch GradientMode(operation.attributes) {
    case .checkpointed(let every):
      forwardSegments(identifier, loop, initial, SegmentLengths(count: loop.count, every: every))
    case .revolve(let slots):
      forwardSnapshots(identifier, loop, initial, slots)
    default:
      let (results, record) = augmentedLoop(loop, count: loop.count, firstStep: nil, from: initial)
      records[identifier] = record
      setResults(of: identifier, results)
    }
  }

  /// Emits the backward part of an active loop.
  func backwardLoop(_ identifier: Graph.OperationID, _ cotangents: inout Cotangents) {
    let loop = Repeat(source[identifier], in: source)
    guard let record = records[identifier] else { preconditionFailure("loop \(identifier.index) has no forward part") }
    var state = LoopCotangents(self, loop, cotangents)
    switch record {
    case .residuals(let region, let stacks): backwardFrames(loop, loop.count, region, stacks, &state)
    case .segments(let first, let stacks): backwardSegments(loop, first, stacks, &state)
    case .snapshots(let snapshots): backwardSnapshots(loop, snapshots, &state)
    }
    state.store(self, loop, &cotangents)
  }

  /// A plain copy of the loop's body run so many times, keeping nothing.
  func plainLoop(_ loop: Repeat, count: Int, firstStep: Int, from carries: [Graph.Value]) -> [Graph.Value] {
    let annotation = build.annotation
    let region = addRegion(like: loop.region)
    build.inside(region) {
      offsetStep(loop, firstStep)
      copyOperations(of: loop.region, keepsResiduals: false)
    }
    build.graph[region].results = loop.nextCarries.map { self[$0] }
    build.annotation = annotation
    return emitLoop(carries, [], carryCount: carries.count, count: count, isReversed: false, region)
  }

  /// Makes the step index of a partial loop count from the given step of the whole one.
  func offsetStep(_ loop: Repeat, _ firstStep: Int) {
    guard firstStep > 0, isStepUsed(loop) else { return }
    let index = self[loop.stepIndex]
    self[loop.stepIndex] = build.add(index, build.constant(Double(firstStep), like: index))
  }

  func isStepUsed(_ loop: Repeat) -> Bool { source.useCounts()[Int(loop.stepIndex.index)] > 0 }

  func emitLoop(
    _ carries: [Graph.Value], _ stacks: [Graph.Value], carryCount: Int, count: Int, isReversed: Bool,
    _ region: Graph.RegionID
  ) -> [Graph.Value] {
    var attributes: Attributes = ["count": .integer(count), "carries": .integer(carryCount)]
    if isReversed { attributes["reversed"] = .flag(true) }
    return build.emit(.repeat, carries + stacks, attributes, regions: [region])
  }
}

/// The cotangents that flow through a loop backward: of the carries, and sums for the captured values.
struct LoopCotangents {
  let active: LoopActivity
  var carries: [Graph.Value]
  var invariants: [Graph.Value]

  /// Starts from the cotangents of the loop's results; sums start from what is already there, so that gradients add up
  /// in the order of the unrolled program.
  init(_ differentiator: Differentiator, _ loop: Repeat, _ cotangents: Cotangents) {
    let build = differentiator.build
    active = LoopActivity(loop, differentiator.source, differentiator.activity)
    carries = active.carries.map { index in
      cotangents[loop.finalCarries[index]] ?? build.nothing(build.type(of: differentiator[loop.finalCarries[index]]))
    }
    invariants = active.invariants.map { value in
      cotangents[value] ?? build.nothing(build.type(of: differentiator[value]))
    }
  }

  var values: [Graph.Value] { carries + invariants }

  mutating func replace(_ values: some Collection<Graph.Value>) {
    carries = Array(values.prefix(carries.count))
    invariants = Array(values.dropFirst(carries.count).prefix(invariants.count))
  }

  func store(_ differentiator: Differentiator, _ loop: Repeat, _ cotangents: inout Cotangents) {
    for (value, cotangent) in zip(active.invariants, invariants) { cotangents[value] = cotangent }
    for (index, cotangent) in zip(active.carries, carries) {
      let initial = loop.initialCarries[index]
      if differentiator.activity.isActive(initial) {
        differentiator.accumulate(cotangent, to: initial, &cotangents)
      }
    }
  }
}
