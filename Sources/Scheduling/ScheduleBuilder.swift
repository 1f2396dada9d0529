import GraphIR
import KernelIR
import MemoryPlanning
import Operators
import TensorTypes

/// Writes the steps of a schedule once storage is assigned.
struct ScheduleBuilder {
  private let lowered: LoweredGraph
  private let timeline: Timeline
  private let assignment: StorageAssignment
  private var functions: [KernelFunction] = []
  private var functionNumbers: [KernelFunction: Int] = [:]
  /// Buffer number of each storage class that lives in the arena.
  private var bufferOfClass: [Int: Int] = [:]
  private var buffers: [Buffer] = []
  private var descriptions: [Schedule.BufferDescription] = []
  private var phases: [Schedule.Phase] = []

  init(_ lowered: LoweredGraph, _ timeline: Timeline, _ assignment: StorageAssignment) {
    self.lowered = lowered
    self.timeline = timeline
    self.assignment = assignment
    for identifier in assignment.table.roots { addBuffer(identifier) }
  }

  private var graph: Graph { lowered.graph }

  func schedule() -> Schedule {
    var builder = self
    var steps = builder.steps(timeline.nodes, depth: 0)
    steps += builder.updateCopies()
    return Schedule(
      name: graph.name, functions: builder.functions, steps: steps, loopCount: timeline.loopCount,
      problem: MemoryProblem(buffers: builder.buffers), buffers: builder.descriptions,
      parameters: builder.parameterBindings(), results: builder.resultBindings(), phases: builder.phases,
      length: timeline.end + 1)
  }

  // MARK: Buffers and places

  private mutating func addBuffer(_ identifier: Int) {
    let storage = assignment.table[identifier]
    guard storage.home == .arena else { return }
    bufferOfClass[identifier] = buffers.count
    buffers.append(
      Buffer(
        id: buffers.count, byteCount: storage.byteCount, intervals: Self.merged(storage.intervals), name: storage.name))
    descriptions.append(Schedule.BufferDescription(name: storage.name, category: category(identifier, storage)))
  }

  private func category(_ identifier: Int, _ storage: StorageTable.StorageClass) -> String {
    if storage.intervals.allSatisfy({ $0.value.index < 0 }) { return "workspace" }
    if storage.intervals.contains(where: { isStack($0.value) }) { return "residuals" }
    return storage.role.rawValue
  }

  private func isStack(_ value: Graph.Value) -> Bool {
    guard value.index >= 0, let operation = graph.definingOperation(of: value) else { return false }
    if case .loop = graph[operation].used.semantics { return true }
    return false
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

  private func place(_ value: Graph.Value, elementOffset: Int = 0) -> Schedule.Place {
    let root = assignment.canonical(value)
    let byteOffset = elementOffset * graph.type(of: root).elementType.byteCount
    if let (stack, loop) = assignment.slices[root] {
      return slot(of: stack, loop: loop, graph.type(of: root), byteOffset: byteOffset)
    }
    if let step = assignment.stepIndices[root] { return workspace(step) }
    guard let identifier = assignment.table.identifier(of: root) else {
      preconditionFailure("value \(root.index) has no storage")
    }
    switch assignment.table[identifier].home {
    case .arena: return workspace(identifier, byteOffset: byteOffset)
    case .parameter(let index): return Schedule.Place(base: .parameter(index), byteOffset: byteOffset, terms: [])
    case .slot(let stack, let loop, _):
      return slot(of: stack, loop: loop, graph.type(of: root), byteOffset: byteOffset)
    }
  }

  private func slot(of stack: Graph.Value, loop: Int, _ type: TensorType, byteOffset: Int) -> Schedule.Place {
    var place = place(stack)
    place.byteOffset += byteOffset
    place.terms.append(Schedule.Place.Term(loop: loop, byteStride: type.byteCount))
    return place
  }

  private func workspace(_ identifier: Int, byteOffset: Int = 0) -> Schedule.Place {
    guard let buffer = bufferOfClass[identifier] else {
      preconditionFailure("storage class \(identifier), \(assignment.table[identifier].name), has no buffer")
    }
    return Schedule.Place(base: .buffer(buffer), byteOffset: byteOffset, terms: [])
  }

  /// Storage of packed operands.
  private func packing(_ number: Int) -> Int {
    guard let identifier = assignment.packed[number] else { preconditionFailure("packing \(number) has no storage") }
    return identifier
  }

  // MARK: Steps

  private mutating func steps(_ nodes: [Timeline.Node], depth: Int) -> [Schedule.Step] {
    nodes.flatMap { node -> [Schedule.Step] in
      switch node {
      case .kernel(let kernel): return [call(kernel)]
      case .contraction(let position, let assembled, let identifier):
        return [call(assembled, identifier, position, scratch: assignment.scratch[position])]
      case .scatter(let position, let identifier): return scatter(identifier, position)
      case .streamed(let group): return [call(group)]
      case .packing(let packing): return [call(packing)]
      case .loop(let loop): return self.loop(loop, depth: depth)
      }
    }
  }

  private mutating func call(_ node: Timeline.KernelNode) -> Schedule.Step {
    let kernel = node.assembled.kernel
    return .call(
      Schedule.Call(
        function: function(.nest(kernel)), arguments: node.assembled.values.map { place($0) }, scratch: nil,
        shares: assignment.shares(kernel), label: label(node.members), role: node.role,
        flops: kernel.flops, recomputedFlops: recomputedFlops(node), position: node.position,
        byteCount: byteCount(node.assembled.values)))
  }

  /// The part of a backward kernel that computes again what the forward part knew.
  private func recomputedFlops(_ node: Timeline.KernelNode) -> Int {
    guard node.role == .backward else { return 0 }
    let flops = node.members.filter { graph[$0].annotation.role == .recompute }.reduce(0) { total, member in
      switch lowered.lowering(member) {
      case .map(let expression)?:
        total + expression.flops * graph.type(of: graph[member].results[0]).elementCount
      case .reduce(let extents, _, _, let expression)?: total + (expression.flops + 1) * extents.reduce(1, *)
      default: total
      }
    }
    return min(flops, node.assembled.kernel.flops)
  }

  private func byteCount(_ values: [Graph.Value]) -> Int {
    values.reduce(0) { $0 + graph.type(of: $1).byteCount }
  }

  private mutating func call(
    _ assembled: AssembledContraction, _ identifier: Graph.OperationID, _ position: Int, scratch: Int?
  ) -> Schedule.Step {
    var arguments = [
      place(assembled.left.value, elementOffset: assembled.left.offset),
      place(assembled.right.value, elementOffset: assembled.right.offset),
      place(assembled.result.value, elementOffset: assembled.result.offset),
    ]
    if let accumulator = assembled.accumulator { arguments.append(place(accumulator)) }
    return .call(
      Schedule.Call(
        function: function(.contraction(assembled.contraction)), arguments: arguments,
        scratch: scratch.map { workspace($0) }, shares: assignment.shares(assembled.contraction),
        label: label([identifier]),
        role: graph[identifier].annotation.role,
        flops: assembled.contraction.flops, recomputedFlops: 0, position: position,
        byteCount: byteCount(graph[identifier].operands + graph[identifier].results)))
  }

  private mutating func call(_ node: PackingNode) -> Schedule.Step {
    .call(
      Schedule.Call(
        function: function(.packing(node.kernel)),
        arguments: node.parts.map { place($0.operand.value, elementOffset: $0.operand.offset) },
        scratch: workspace(packing(node.number)), shares: assignment.shares(node),
        label: label(node.parts.map(\.operation)), role: graph[node.parts[0].operation].annotation.role, flops: 0,
        recomputedFlops: 0, position: node.position, byteCount: byteCount(node.parts.map(\.operand.value))))
  }

  private mutating func call(_ node: StreamedNode) -> Schedule.Step {
    let group = node.group(graph, shares: assignment.shares(node))
    let roles = node.members.map { $0.role(graph) }
    let packed = node.packedOperands.map { operand in
      workspace(packing(operand.packing), byteOffset: operand.byteOffset)
    }
    return .call(
      Schedule.Call(
        function: function(.streamed(group)), arguments: node.arguments.map { place($0) } + packed,
        scratch: assignment.scratch[node.position].map { workspace($0) }, shares: assignment.shares(node),
        label: label(node.members.flatMap(\.operations)), role: roles.contains(.backward) ? .backward : roles[0],
        flops: group.flops, recomputedFlops: node.members.reduce(0) { $0 + recomputedFlops($1) },
        position: node.position, byteCount: byteCount(node.arguments)))
  }

  /// What a member of a backward group computes again.
  private func recomputedFlops(_ node: Timeline.Node) -> Int {
    switch node {
    case .kernel(let kernel) where kernel.role == .recompute: kernel.assembled.kernel.flops
    case .kernel(let kernel): recomputedFlops(kernel)
    case .contraction(_, let product, let identifier):
      graph[identifier].annotation.role == .recompute ? product.contraction.flops : 0
    case .scatter, .loop, .streamed, .packing: 0
    }
  }

  private mutating func scatter(_ identifier: Graph.OperationID, _ position: Int) -> [Schedule.Step] {
    let operation = graph[identifier]
    let type = graph.type(of: operation.results[0])
    let width = type.elementCount / max(type.shape[0], 1)
    let updateCount = graph.type(of: operation.operands[1]).elementCount
    let (base, result) = (place(operation.operands[0]), place(operation.results[0]))
    let kernel = KernelFunction.scatter(
      rowCount: type.shape[0], width: width, updateCount: updateCount, elementType: type.elementType)
    let call = Schedule.Step.call(
      Schedule.Call(
        function: function(kernel), arguments: [result, place(operation.operands[1]), place(operation.operands[2])],
        scratch: nil, shares: 1, label: label([identifier]), role: operation.annotation.role,
        flops: updateCount * width, recomputedFlops: 0, position: position,
        byteCount: 3 * updateCount * width * type.elementType.byteCount))
    return copies(from: base, to: result, type.byteCount) + [call]
  }

  private mutating func loop(_ node: Timeline.LoopNode, depth: Int) -> [Schedule.Step] {
    let loop = node.loop
    phases.append(
      Schedule.Phase(
        name: label([]), positions: node.begin..<(node.end + 1), tripCount: loop.count, depth: depth))
    var before: [Schedule.Step] = []
    for (carry, initial) in zip(loop.carries, loop.initialCarries) {
      before += copies(from: place(initial), to: place(carry), graph.type(of: carry).byteCount)
    }
    var body: [Schedule.Step] = []
    if let index = assignment.indices[node.number] {
      body.append(.storeStep(loop: node.number, destination: workspace(index)))
    }
    body += steps(node.body, depth: depth + 1)
    for (carry, next) in zip(loop.carries, loop.nextCarries) {
      body += copies(from: place(next), to: place(carry), graph.type(of: carry).byteCount)
    }
    for (stack, output) in zip(loop.stacks, loop.stackedOutputs) {
      let type = graph.type(of: output)
      body += copies(from: place(output), to: slot(of: stack, loop: node.number, type, byteOffset: 0), type.byteCount)
    }
    return before + [.loop(number: node.number, count: loop.count, isReversed: loop.isReversed, body: body)]
  }

  private func copies(from source: Schedule.Place, to destination: Schedule.Place, _ byteCount: Int) -> [Schedule.Step]
  {
    source == destination || byteCount == 0
      ? [] : [.copy(source: source, destination: destination, byteCount: byteCount)]
  }

  private func updateCopies() -> [Schedule.Step] {
    zip(graph.results, graph.resultRoles).flatMap { result, role -> [Schedule.Step] in
      guard let parameter = role.updatedParameter else { return [] }
      let destination = Schedule.Place(base: .parameter(parameter), byteOffset: 0, terms: [])
      return copies(from: place(result), to: destination, graph.type(of: result).byteCount)
    }
  }

  private mutating func function(_ function: KernelFunction) -> Int {
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
        place: Schedule.Place(base: .parameter(index), byteOffset: 0, terms: []))
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
