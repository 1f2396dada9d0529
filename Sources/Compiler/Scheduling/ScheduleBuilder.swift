import GraphIR
import KernelIR
import MemoryPlanning
import Operators
import TensorTypes

/// Writes the steps of a schedule once storage is assigned.
struct ScheduleBuilder {
  private let lowered: LoweredGraph
  private let timeline: Timeline
  let assignment: StorageAssignment
  private let team: Team
  private let residuals: Set<Graph.Value>
  let carries: Set<Graph.Value>
  private var functions: [KernelFunction] = []
  private var functionNumbers: [KernelFunction: Int] = [:]
  private(set) var steps: [Step] = []
  private var launches: [Schedule.LaunchDescription] = []
  /// Buffer number of each storage class that lives in the arena.
  private var bufferOfClass: [Int: Int] = [:]
  private(set) var buffers: [Buffer] = []
  private(set) var descriptions: [Schedule.BufferDescription] = []
  private var phases: [Schedule.Phase] = []
  var flow = DataFlow()
  var flowNumbers: [Stored: Int] = [:]
  /// Loops that are open, by the region of their body.
  var loopOfRegion: [Graph.RegionID: Int] = [:]

  init(_ lowered: LoweredGraph, _ timeline: Timeline, _ assignment: StorageAssignment, _ team: Team) {
    self.lowered = lowered
    self.timeline = timeline
    self.assignment = assignment
    self.team = team
    residuals = lowered.graph.residuals()
    carries = Set(assignment.finalCarries.values)
    for identifier in assignment.table.roots { addBuffer(identifier) }
  }

  var graph: Graph { lowered.graph }

  func schedule() -> Schedule {
    var builder = self
    builder.flow.parameters = graph.parameters.map { builder.touch(Stored($0), isWritten: true) }
    builder.add(timeline.nodes, depth: 0)
    builder.addUpdateMoves()
    return Schedule(
      name: graph.name, functions: builder.functions, steps: builder.steps, launches: builder.launches,
      loopCount: timeline.loopCount, problem: MemoryProblem(buffers: builder.buffers), buffers: builder.descriptions,
      parameters: builder.parameterBindings(), results: builder.resultBindings(), phases: builder.phases,
      length: timeline.end + 1, flow: builder.flow)
  }

  // MARK: Buffers and places

  private mutating func addBuffer(_ identifier: Int) {
    let storage = assignment.table[identifier]
    guard storage.home == .arena else { return }
    bufferOfClass[identifier] = buffers.count
    buffers.append(
      Buffer(
        id: buffers.count, byteCount: storage.byteCount, intervals: Self.merged(storage.intervals),
        name: storage.name.description))
    let values = storage.intervals.compactMap(\.stored).filter { $0.layout == .strided }.map(\.value)
    let isStepIndex = assignment.indices.values.contains(identifier)
    descriptions.append(
      Schedule.BufferDescription(
        name: storage.name,
        category: values.isEmpty
          ? "workspace" : values.contains(where: residuals.contains) ? "residuals" : storage.role.rawValue,
        isScratchOrPanels: values.isEmpty && !isStepIndex))
  }

  /// Half-open ranges, those that touch or overlap joined.
  private static func merged(_ intervals: [StorageTable.Interval]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for interval in intervals.sorted(by: { $0.start < $1.start }) {
      if let last = ranges.last, interval.start <= last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, interval.end + 1)
      } else {
        ranges.append(interval.start..<(interval.end + 1))
      }
    }
    return ranges
  }

  private func place(_ value: Graph.Value, elementOffset: Int = 0) -> Place {
    let root = assignment.canonical(value)
    let byteOffset = elementOffset * graph.type(of: root).elementType.byteCount
    if let (stack, loop) = assignment.slices[root] {
      return slot(of: stack, loop: loop, graph.type(of: root), byteOffset: byteOffset)
    }
    if let frame = assignment.frames[root] { return place(frame, byteOffset: byteOffset) }
    if let step = assignment.stepIndices[root] { return workspace(step) }
    guard let identifier = assignment.table.identifier(of: Stored(root)) else {
      preconditionFailure("value \(root.index) has no storage")
    }
    switch assignment.table[identifier].home {
    case .arena: return workspace(identifier, byteOffset: byteOffset)
    case .parameter(let index): return Place(.parameter(index), byteOffset: byteOffset)
    case .slot(let stack, let loop, _):
      return slot(of: stack, loop: loop, graph.type(of: root), byteOffset: byteOffset)
    case .frame(let frame, _): return place(frame, byteOffset: byteOffset)
    }
  }

  func place(_ frame: CarryHistory.Frame, byteOffset: Int = 0) -> Place {
    let history = assignment.histories[frame.history]
    var place = workspace(history.storage, byteOffset: frame.shift * history.frameByteCount + byteOffset)
    if frame.walks { place.terms.append(Place.Term(loop: history.loop, byteStride: history.frameByteCount)) }
    return place
  }

  private func slot(of stack: Graph.Value, loop: Int, _ type: TensorType, byteOffset: Int) -> Place {
    var place = place(stack)
    place.byteOffset += byteOffset
    place.terms.append(Place.Term(loop: loop, byteStride: type.byteCount))
    return place
  }

  private func workspace(_ identifier: Int?, byteOffset: Int = 0) -> Place {
    guard let buffer = identifier.flatMap({ bufferOfClass[$0] }) else {
      preconditionFailure("storage class \(identifier.map(String.init) ?? "of panels") has no buffer")
    }
    return Place(.buffer(buffer), byteOffset: byteOffset)
  }

  // MARK: Steps

  private mutating func add(_ nodes: [Timeline.Node], depth: Int) {
    for node in nodes {
      switch node {
      case .launch(let launch): add(launch)
      case .loop(let loop): add(loop, depth: depth)
      }
    }
  }

  private mutating func add(_ launch: Launch) {
    for access in launch.accesses {
      // What is written over other bytes, where it could not take their place.
      if case .update(let base) = access.use { move(base.value, to: access.stored.value) }
    }
    let shares = team.shares(launch)
    // A conversion has the position of what it is for.
    let scratch = (team.scratchByteCount(launch) > 0 ? assignment.scratch[launch.position] : nil).map { workspace($0) }
    flow.events.append(event(launch, scratch))
    let arguments = launch.accesses.map { access in
      Step.Argument(
        place(access.stored, elementOffset: access.offset), isRead: access.use != .write, isWritten: access.use != .read
      )
    }
    steps.append(
      .call(
        .init(
          function: number(launch.function(graph, team.target, shares: shares)), arguments: arguments,
          scratch: scratch, shares: shares, launch: launches.count)))
    launches.append(
      .init(
        label: label(launch.operations),
        location: launch.operations.compactMap { graph[$0].annotation.location }.last,
        role: launch.role, flops: launch.flops,
        recomputedFlops: launch.recomputedFlops, position: launch.position,
        byteCount: launch.accesses.reduce(0) { $0 + graph.byteCount(of: $1.stored) }))
  }

  func place(_ stored: Stored, elementOffset: Int = 0) -> Place {
    stored.layout == .strided
      ? place(stored.value, elementOffset: elementOffset) : workspace(assignment.table.identifier(of: stored))
  }

  private mutating func add(_ node: Timeline.LoopNode, depth: Int) {
    let loop = node.loop
    phases.append(
      Schedule.Phase(
        name: label([]), positions: node.begin..<(node.end + 1), tripCount: loop.count, depth: depth))
    let first = flow.events.count
    for (carry, initial) in zip(loop.carries, loop.initialCarries) {
      move(initial, to: carry, historyPlace(carry, \.first).map { ($0, isPart: false) })
    }
    flow.letCopiesReadFirst(from: first)
    loopOfRegion[loop.region] = node.number
    let (header, begin) = (
      Step.Loop(
        number: node.number, count: loop.count, isReversed: loop.isReversed,
        runTimeCount: loop.runTimeCount.map { place(Stored($0)) }, expectedCount: loop.expectedCount,
        rows: rows(of: node)), steps.count
    )
    flow.events.append(.loopBegin(step: steps.count, count: loop.runTimeCount.map { touch(Stored($0)) }))
    steps.append(.loopBegin(header))
    if let index = assignment.indices[node.number] {
      flow.events.append(.storeIteration(step: steps.count, touch(Stored(loop.stepIndex), isWritten: true)))
      steps.append(.storeIteration(loop: node.number, destination: workspace(index)))
    }
    add(node.body, depth: depth + 1)
    let last = flow.events.count
    for (carry, next) in zip(loop.carries, loop.nextCarries) {
      move(next, to: carry, historyPlace(carry, \.after, walks: true).map { ($0, isPart: true) })
    }
    for (stack, output) in zip(loop.stacks, loop.stackedOutputs) where assignment.frames[stack] == nil {
      move(
        output, to: stack,
        (slot(of: stack, loop: node.number, graph.type(of: output), byteOffset: 0), isPart: true))
    }
    flow.letCopiesReadFirst(from: last)
    flow.events.append(.loopEnd(step: steps.count))
    steps.append(.loopEnd(header, begin: begin))
    for (carry, result) in zip(loop.carries, loop.finalCarries) where assignment.hasStorage(result) {
      guard let place = historyPlace(carry, \.last) else { continue }
      var from = touch(Stored(carry))
      from.place = place
      move(from, to: touch(Stored(result), isWritten: true), isPart: false)
    }
  }

  /// How workers share a loop; nil where its body is not one launch by rows.
  private func rows(of node: Timeline.LoopNode) -> Step.Loop.Rows? {
    guard node.body.count == 1, case .launch(let launch) = node.body[0], case .group(let group) = launch.body,
      launch.goesThroughIterations, assignment.indices[node.number] == nil
    else { return nil }
    let shares = team.shares(launch)
    return shares > 1 ? Step.Loop.Rows(count: group.rowCount, panelRows: group.panelRows, shares: shares) : nil
  }

  /// Where a history has the frame at which the loop begins or ends, or which an iteration computes; nil for other carries.
  private func historyPlace(_ carry: Graph.Value, _ shift: KeyPath<CarryHistory, Int>, walks: Bool = false) -> Place? {
    assignment.frames[carry].map { frame in
      place(.init(history: frame.history, shift: assignment.histories[frame.history][keyPath: shift], walks: walks))
    }
  }

  /// Lets a value take another one's place, or lie in its part of a larger one, with a copy unless it is there already.
  private mutating func move(
    _ source: Graph.Value, to destination: Graph.Value, _ slot: (place: Place, isPart: Bool)? = nil
  ) {
    let from = touch(Stored(source))
    var to = touch(Stored(destination), isWritten: true)
    if let slot { (to.place, to.elementCount) = (slot.place, from.elementCount) }
    move(from, to: to, isPart: slot?.isPart ?? false)
  }

  private mutating func move(_ from: DataFlow.Touch, to: DataFlow.Touch, isPart: Bool) {
    let byteCount = from.elementCount * from.elementByteCount
    let isCopied = from.place != to.place && byteCount > 0
    flow.events.append(.move(from: from, to: to, step: isCopied ? steps.count : nil, isPart: isPart))
    if isCopied { steps.append(.copy(source: from.place, destination: to.place, byteCount: byteCount)) }
  }

  private mutating func addUpdateMoves() {
    for (result, role) in zip(graph.results, graph.resultRoles) {
      if let parameter = role.updatedParameter { move(result, to: graph.parameters[parameter]) }
    }
    for (result, role) in zip(graph.results, graph.resultRoles) where role.updatedParameter == nil {
      flow.results.append(touch(Stored(result)))
    }
  }

  private mutating func number(_ function: KernelFunction) -> Int {
    if let number = functionNumbers[function] { return number }
    functionNumbers[function] = functions.count
    functions.append(function)
    return functions.count - 1
  }

  private func label(_ members: [Graph.OperationID]) -> String {
    guard let last = members.last else { return "repeat" }
    let path = graph.scopePath(graph[last].annotation.scope)
    let names = members.prefix(4).map { graph[$0].name }.joined(separator: "+")
    let text = members.count > 4 ? "\(names)+\(members.count - 4) more" : names
    return path.isEmpty ? text : "\(path)/\(text)"
  }

  // MARK: Bindings

  private func parameterBindings() -> [Schedule.Binding] {
    zip(graph.parameters, graph.parameterRoles).enumerated().map { index, parameter in
      Schedule.Binding(
        name: graph[parameter.0].name ?? "", type: graph.type(of: parameter.0), role: parameter.1,
        place: Place(.parameter(index)))
    }
  }

  private func resultBindings() -> [Schedule.Binding] {
    zip(graph.results, graph.resultRoles).map { result, role in
      Schedule.Binding(
        name: role.name, type: graph.type(of: result), role: nil, place: place(result),
        updatedParameter: role.updatedParameter)
    }
  }
}
