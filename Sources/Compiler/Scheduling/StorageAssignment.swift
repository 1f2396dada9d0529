import GraphIR
import KernelIR
import Operators
import TensorTypes

/// Decides which values share memory, and what must be copied because they could not.
struct StorageAssignment {
  private let lowered: LoweredGraph
  private let timeline: Timeline
  private let team: Team
  private(set) var table = StorageTable()
  /// Scratch of launches, by position.
  private(set) var scratch: [Int: Int] = [:]
  /// Storage of the step index of a loop, by loop number, where the body reads it.
  private(set) var indices: [Int: Int] = [:]
  /// The same storage by the loop's step parameter.
  private(set) var stepIndices: [Graph.Value: Int] = [:]
  /// Stacks that slices of a loop come from: slice parameter to stack and loop.
  private(set) var slices: [Graph.Value: (stack: Graph.Value, loop: Int)] = [:]
  /// Carries whose values are all kept.
  private(set) var histories: [CarryHistory] = []
  /// What is frames of them: such a carry, its stacks, and what it is in the end unless that outlives them.
  private(set) var frames: [Graph.Value: CarryHistory.Frame] = [:]
  private var lastUses: [Stored: Int] = [:]
  private var definitions: Set<Stored> = []
  private var inPlaceCandidates: [(result: Stored, operand: Stored)] = []
  private var loops: [Timeline.LoopNode] = []

  init(_ lowered: LoweredGraph, _ timeline: Timeline, _ team: Team) {
    self.lowered = lowered
    self.timeline = timeline
    self.team = team
    noteUses(timeline.nodes, path: [])
    for result in lowered.graph.results { use(Stored(lowered.root(result)), at: timeline.end, path: []) }
    addParameters()
    addStorages(timeline.nodes)
    addCarriesAndStacks()
    merge()
  }

  private var graph: Graph { lowered.graph }

  // MARK: Uses

  private mutating func noteUses(_ nodes: [Timeline.Node], path: [Timeline.LoopNode]) {
    for node in nodes {
      switch node {
      // What is written in part keeps its other parts.
      case .launch(let launch): for stored in launch.touched { use(stored, at: launch.position, path: path) }
      case .loop(let node): noteUses(node, path: path)
      }
    }
  }

  private mutating func noteUses(_ node: Timeline.LoopNode, path: [Timeline.LoopNode]) {
    loops.append(node)
    for value in node.loop.initialCarries { use(Stored(lowered.root(value)), at: node.begin, path: path) }
    if let count = node.loop.runTimeCount { use(Stored(lowered.root(count)), at: node.begin, path: path) }
    for (slice, stack) in zip(node.loop.slices, node.loop.stackedInputs) {
      use(Stored(lowered.root(stack)), at: node.end, path: path)
      slices[slice] = (lowered.root(stack), node.number)
    }
    noteUses(node.body, path: path + [node])
    for value in node.loop.nextCarries + node.loop.stackedOutputs {
      use(Stored(lowered.root(value)), at: node.end, path: path + [node])
    }
  }

  /// A value from outside a loop is needed until the loop's end, since every iteration reads it.
  private mutating func use(_ stored: Stored, at position: Int, path: [Timeline.LoopNode]) {
    let end = path.outermost(keeping: stored.value, graph)?.end ?? position
    lastUses[stored] = max(lastUses[stored] ?? 0, end)
  }

  // MARK: Storages

  private mutating func addParameters() {
    for (index, value) in graph.parameters.enumerated() {
      let stored = Stored(value)
      add(stored, home: .parameter(index), intervals: [.init(start: -1, end: lastUses[stored] ?? -1, stored: stored)])
    }
  }

  private mutating func addStorages(_ nodes: [Timeline.Node], of loop: Timeline.LoopNode? = nil) {
    for node in nodes {
      switch node {
      case .launch(let launch): addStorages(launch, of: loop)
      case .loop(let node): addStorages(node.body, of: node)
      }
    }
  }

  private mutating func addStorages(_ launch: Launch, of loop: Timeline.LoopNode?) {
    for stored in launch.written {
      define(stored, at: launch.position)
      if lowered.isWhole(stored.value) { continue }
      for operand in launch.read where launch.mayReplace(operand, by: stored, graph) {
        table.allow(.init(position: launch.position, ending: operand, starting: stored))
        inPlaceCandidates.append((stored, operand))
      }
    }
    let byteCount = team.scratchByteCount(launch)
    guard byteCount > 0 else { return }
    let name = launch.product == nil ? "group scratch" : "contraction scratch"
    // Where workers do not wait for each other, one ends the loop while others still need theirs.
    let range = loop.flatMap { launch.goesThroughIterations ? $0.begin...$0.end : nil }
    scratch[launch.position] = addWorkspace(name, byteCount, range ?? launch.position...launch.position)
  }

  /// A value laid together from parts is there from the first of them on.
  private mutating func define(_ stored: Stored, at position: Int) {
    guard definitions.insert(stored).inserted else { return }
    let end = max(position, lastUses[stored] ?? position)
    add(stored, home: .arena, intervals: [.init(start: position, end: end, stored: stored)])
  }

  private mutating func add(_ stored: Stored, home: StorageHome, intervals: [StorageTable.Interval]) {
    var name = BufferName(stored.value, in: graph)
    if stored.layout != .strided { name.text += " in panels" }
    table.add(
      stored,
      .init(
        byteCount: graph.byteCount(of: stored), name: name, home: home, role: role(of: stored.value),
        intervals: intervals))
  }

  private func role(of value: Graph.Value) -> Graph.Role {
    graph.definingOperation(of: value).map { graph[$0].annotation.role } ?? .forward
  }

  private mutating func addWorkspace(_ name: String, _ byteCount: Int, _ range: ClosedRange<Int>) -> Int {
    let interval = StorageTable.Interval(start: range.lowerBound, end: range.upperBound, stored: nil)
    return table.addAnonymous(
      .init(byteCount: byteCount, name: BufferName(name), home: .arena, role: .forward, intervals: [interval]))
  }

  private mutating func addCarriesAndStacks() {
    for node in loops {
      for (position, (carry, result)) in zip(node.loop.carries, node.loop.finalCarries).enumerated() {
        if addHistory(of: position, node) { continue }
        let stored = Stored(carry)
        let resultEnd = max(node.end, lastUses[Stored(result)] ?? node.end)
        add(
          stored, home: .arena,
          intervals: [
            .init(start: node.begin, end: max(node.begin, lastUses[stored] ?? node.begin), stored: stored),
            .init(start: node.end, end: resultEnd, stored: stored),
          ])
        finalCarries[result] = carry
      }
      for stack in node.loop.stacks.filter({ frames[$0] == nil }).map({ Stored($0) }) {
        let end = max(node.end, lastUses[stack] ?? node.end)
        add(stack, home: .arena, intervals: [.init(start: node.begin, end: end, stored: stack)])
      }
      if let last = lastUses[Stored(node.loop.stepIndex)] {
        let identifier = addWorkspace("step index", 4, node.begin...max(last, node.end))
        indices[node.number] = identifier
        stepIndices[node.loop.stepIndex] = identifier
      }
    }
    for node in loops { allowCarryJunctions(node) }
  }

  /// Gives a carry its history, if the loop keeps it; what it is in the end is a value of its own if it outlives the stacks.
  private mutating func addHistory(of position: Int, _ node: Timeline.LoopNode) -> Bool {
    let (loop, carry) = (node.loop, node.loop.carries[position])
    let outputs = zip(loop.stacks, loop.stackedOutputs.map(lowered.root))
    let entering = outputs.filter { $0.1 == carry }.map(\.0)
    let leaving = outputs.filter { $0.1 == lowered.root(loop.nextCarries[position]) }.map(\.0)
    guard let stack = entering.first else { return false }
    let end = (entering + leaving).map { lastUses[Stored($0)] ?? node.end }.reduce(node.end, max)
    let byteCount = graph.type(of: carry).byteCount
    var name = BufferName(stack, in: graph)
    name.counts[0] = loop.count + 1
    let storage = table.addAnonymous(
      .init(
        byteCount: (loop.count + 1) * byteCount, name: name, home: .arena, role: role(of: stack),
        intervals: (entering + leaving).map { .init(start: node.begin, end: end, stored: Stored($0)) }))
    let (number, history) = (
      histories.count, CarryHistory(carry, of: node, storage: storage, frameByteCount: byteCount)
    )
    histories.append(history)
    frames[carry] = .init(history: number, shift: history.before, walks: true)
    for stack in entering { frames[stack] = .init(history: number, shift: history.before, walks: false) }
    for stack in leaving { frames[stack] = .init(history: number, shift: history.after, walks: false) }
    let result = loop.finalCarries[position]
    let resultEnd = lastUses[Stored(result)] ?? node.end
    if resultEnd > end {
      define(Stored(result), at: node.end)
    } else {
      frames[result] = .init(history: number, shift: history.last, walks: false)
    }
    return true
  }

  private mutating func allowCarryJunctions(_ node: Timeline.LoopNode) {
    for (index, carry) in node.loop.carries.enumerated() {
      let (initial, next) = (node.loop.initialCarries[index], node.loop.nextCarries[index])
      table.allow(.init(position: node.begin, ending: stored(initial), starting: Stored(carry)))
      table.allow(.init(position: node.end, ending: stored(next), starting: Stored(carry)))
    }
  }

  /// Final carries live where the carries do.
  private(set) var finalCarries: [Graph.Value: Graph.Value] = [:]

  /// The value whose storage stands for a value: roots of views, and carries for the loop's results.
  func canonical(_ value: Graph.Value) -> Graph.Value {
    var root = lowered.root(value)
    while let carry = finalCarries[root] { root = carry }
    return root
  }

  private func stored(_ value: Graph.Value) -> Stored { Stored(canonical(value)) }

  func hasStorage(_ value: Graph.Value) -> Bool { table.identifier(of: Stored(value)) != nil }

  // MARK: Merging

  /// The first merge may rule out the next, so those come first that save most: a copy in every iteration of every stack and
  /// history, then of every carry, of inner loops before outer ones, since they run oftener; then a copy in every run, of
  /// parameters; then one for every time a loop begins; and last, operations in place, which save memory and no copy.
  private mutating func merge() {
    for node in loops {
      for (stack, output) in zip(node.loop.stacks, node.loop.stackedOutputs) { placeInSlot(output, stack, node) }
    }
    for node in loops {
      for (carry, next) in zip(node.loop.carries, node.loop.nextCarries) { placeInFrame(next, of: carry, node) }
    }
    for node in loops.reversed() {
      for (carry, next) in zip(node.loop.carries, node.loop.nextCarries) { table.merge(stored(next), Stored(carry)) }
    }
    for (result, role) in zip(graph.results, graph.resultRoles) {
      guard let parameter = role.updatedParameter else { continue }
      table.merge(stored(result), Stored(graph.parameters[parameter]))
    }
    for node in loops {
      for (carry, initial) in zip(node.loop.carries, node.loop.initialCarries) where isInArena(stored(initial)) {
        table.merge(stored(initial), Stored(carry))
      }
    }
    for candidate in inPlaceCandidates where isInArena(stored(candidate.operand.value)) {
      table.merge(candidate.result, stored(candidate.operand.value))
    }
  }

  private func isInArena(_ stored: Stored) -> Bool {
    table.identifier(of: stored).map { table[$0].home == .arena } ?? false
  }

  /// Lets an output be computed in its iteration's slot of the stack, unless it already has another home.
  private mutating func placeInSlot(_ output: Graph.Value, _ stack: Graph.Value, _ node: Timeline.LoopNode) {
    if frames[stack] != nil { return }
    place(output, in: .slot(stack: stack, loop: node.number, positions: node.begin...node.end), node)
  }

  /// Lets the next value of a carry be computed in its frame of the history, unless it already has another home.
  private mutating func placeInFrame(_ next: Graph.Value, of carry: Graph.Value, _ node: Timeline.LoopNode) {
    guard let frame = frames[carry] else { return }
    let own = CarryHistory.Frame(history: frame.history, shift: histories[frame.history].after, walks: true)
    place(next, in: .frame(own, positions: node.begin...node.end), node)
  }

  private mutating func place(_ value: Graph.Value, in home: StorageHome, _ node: Timeline.LoopNode) {
    guard let identifier = table.identifier(of: stored(value)), table[identifier].home == .arena,
      table[identifier].fits(node.begin...node.end)
    else { return }
    table[identifier].home = home
  }
}
