import GraphIR
import KernelIR

/// Which values a step means.
extension ScheduleBuilder {
  mutating func event(_ launch: Launch, _ scratch: Place?) -> DataFlow.Event {
    var (locals, rowCount) = ([Stored](), 1)
    if case .group(let group) = launch.body { (locals, rowCount) = (group.locals, group.rowCount) }
    var touches = launch.members.enumerated().flatMap { index, member in
      member.accesses.filter { !locals.contains($0.stored) }.map { access in
        var touch = touch(access.stored, isWritten: access.use != .read)
        (touch.pattern, touch.member) = (access.pattern, index)
        return touch
      }.sorted { !$0.isWritten && $1.isWritten }
    }
    if let scratch, let touch = scratchTouch(scratch, launch) { touches.append(touch) }
    return .launch(step: steps.count, rowCount: rowCount, touches: touches)
  }

  mutating func touch(_ stored: Stored, isWritten: Bool = false) -> DataFlow.Touch {
    let type = graph.type(of: stored.value)
    var touch = DataFlow.Touch(
      value: flowNumber(stored), place: place(stored), elementByteCount: type.elementType.byteCount,
      elementCount: type.elementCount, isWritten: isWritten)
    if stored.layout != .strided { (touch.elementByteCount, touch.elementCount) = (1, graph.byteCount(of: stored)) }
    return touch
  }

  /// Slices are parts of their stack; panels are made of each slice, and of each carry, anew.
  private mutating func flowNumber(_ stored: Stored) -> Int {
    if stored.layout != .strided {
      return flowNumber(stored, BufferName(stored.value, in: graph), loopOfRegion[graph[stored.value].region])
    }
    var root = assignment.canonical(stored.value)
    while let (stack, _) = assignment.slices[root] { root = assignment.canonical(stack) }
    // All frames of a history are one value, which each iteration adds to.
    if let frame = assignment.frames[root] {
      let carry = assignment.histories[frame.history].carry
      return flowNumber(Stored(carry), BufferName(carry, in: graph), nil)
    }
    let loop = carries.contains(root) ? nil : loopOfRegion[graph[root].region]
    return flowNumber(Stored(root), BufferName(root, in: graph), loop)
  }

  private mutating func flowNumber(_ stored: Stored, _ name: BufferName, _ loop: Int?) -> Int {
    if let number = flowNumbers[stored] { return number }
    flowNumbers[stored] = flow.values.count
    flow.values.append(.init(name: name, loop: loop))
    return flow.values.count - 1
  }

  /// What a launch uses for itself, last of its touches: nothing else may lie there.
  private mutating func scratchTouch(_ place: Place, _ launch: Launch) -> DataFlow.Touch? {
    guard case .buffer(let index) = place.base else { return nil }
    flow.values.append(.init(name: descriptions[index].name, loop: nil))
    return DataFlow.Touch(
      value: flow.values.count - 1, place: place, elementByteCount: 1, elementCount: buffers[index].byteCount,
      isWritten: true, member: launch.members.count)
  }
}
