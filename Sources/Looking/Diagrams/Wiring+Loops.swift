import GraphIR

extension Wiring {
  /// Walks an operation that owns regions.
  mutating func walkOwner(_ identifier: Graph.OperationID, _ item: Int) {
    let operation = graph[identifier]
    guard isOpen[item], representatives[item] == item else { return walkClosed(operation, item) }
    let carries = isLoop(operation) ? addCarries(identifier, item) : []
    for region in operation.regions {
      bindParameters(of: region, operation, carries)
      walk(region)
    }
    if hasOwnGradient(operation) { return passValues(of: operation) }
    guard let region = operation.regions.first else { return }
    let results = graph[region].results
    for (carry, result) in zip(carries, results) { connect(sources[Int(result.index)], to: carry, .carry) }
    let direct = isLoop(operation) ? carries.count : results.count
    for (value, result) in zip(operation.results, results).prefix(direct) {
      sources[Int(value.index)] = sources[Int(result.index)]
    }
    if isLoop(operation) { addStacks(identifier, item, carryCount: carries.count) }
  }

  private mutating func walkClosed(_ operation: Graph.Operation, _ item: Int) {
    let node = node(of: representatives[item])
    connect(operation.operands.flatMap { sources[Int($0.index)] }, to: node)
    for region in operation.regions {
      // Inside of one node there are no arrows: everything there starts at the node.
      start(graph[region].parameters, at: node)
      walk(region)
    }
    start(operation.results, at: node)
  }

  func isLoop(_ operation: Graph.Operation) -> Bool { Loop(operation) != nil }

  /// Whether the region is the gradient that an author wrote of the last operands, which are the results.
  private func hasOwnGradient(_ operation: Graph.Operation) -> Bool {
    !isLoop(operation) && operation.attributes["operands"] != nil
  }

  private mutating func passValues(of operation: Graph.Operation) {
    for (value, operand) in zip(operation.results, operation.operands.suffix(operation.results.count)) {
      sources[Int(value.index)] = sources[Int(operand.index)]
    }
  }

  /// The node of each carried value, fed by its initial value; values that are only added to share one node.
  private mutating func addCarries(_ identifier: Graph.OperationID, _ item: Int) -> [Int] {
    let operation = graph[identifier]
    guard let loop = Loop(operation), let region = operation.regions.first else { return [] }
    let parameters = Array(graph[region].parameters.dropFirst().prefix(loop.carryCount))
    let accumulators = parameters.indices.filter { isAccumulator(parameters[$0], graph[region].results[$0]) }
    let shares = accumulators.count > 1
    var shared: Int?
    return parameters.indices.map { position in
      let members = shares && accumulators.contains(position) ? accumulators : [position]
      let known = members.count > 1 ? shared : nil
      let node =
        known ?? addCarry("carry\(identifier.index)_\(position)", members.map { parameters[$0] }, item)
      if members.count > 1 { shared = node }
      connect(sources[Int(operation.operands[position].index)], to: node)
      return node
    }
  }

  private mutating func addCarry(_ identifier: String, _ parameters: [Graph.Value], _ item: Int) -> Int {
    let title =
      parameters.count == 1 ? graph[parameters[0]].name ?? "carry" : "\(parameters.count) accumulators"
    let what =
      parameters.count == 1 ? "carried from iteration to iteration" : "accumulated over the iterations"
    return add(
      Picture.Node(
        identifier: identifier, style: .carry, title: title, home: item, role: outline[item].role,
        outputs: parameters, details: [what]))
  }

  /// Whether the body reads the carried value once, for the operation that makes the next one.
  private func isAccumulator(_ parameter: Graph.Value, _ next: Graph.Value) -> Bool {
    guard useCounts[Int(parameter.index)] == 1, let maker = graph.definingOperation(of: next) else {
      return false
    }
    return graph[maker].operands.contains(parameter)
  }

  private mutating func bindParameters(
    of region: Graph.RegionID, _ operation: Graph.Operation, _ carries: [Int]
  ) {
    let parameters = graph[region].parameters
    guard isLoop(operation) else {
      // Cotangents come from nowhere before a graph is differentiated.
      if hasOwnGradient(operation) { return }
      for (parameter, operand) in zip(parameters, operation.operands) {
        sources[Int(parameter.index)] = sources[Int(operand.index)]
      }
      return
    }
    guard let step = parameters.first else { return }
    sources[Int(step.index)] = [Source(origin: .leaf(.step), value: step)]
    for (parameter, carry) in zip(parameters.dropFirst(), carries) { start([parameter], at: carry) }
    let sliced = zip(parameters.dropFirst(carries.count + 1), operation.operands.dropFirst(carries.count))
    for (parameter, stack) in sliced { sources[Int(parameter.index)] = sources[Int(stack.index)] }
  }

  /// One node for everything that the backward part will read, and one for what the forward part does.
  private mutating func addStacks(_ identifier: Graph.OperationID, _ item: Int, carryCount: Int) {
    let operation = graph[identifier]
    guard let region = operation.regions.first else { return }
    let stacks = Array(zip(operation.results, graph[region].results).dropFirst(carryCount))
    for isResidual in [true, false] {
      let chosen = stacks.filter { valuesReadBackward.contains($0.0) == isResidual }
      guard !chosen.isEmpty else { continue }
      let node = add(
        Picture.Node(
          identifier: "stack\(identifier.index)" + (isResidual ? "_residual" : "_output"), style: .stack,
          title: isResidual ? "residual stack" : "stacked output", home: outline[item].parent,
          role: outline[item].role, outputs: chosen.map(\.0),
          details: chosen.map { "\(graph[$0.0].name.map { $0 + ": " } ?? "")\(graph.type(of: $0.0))" }))
      for (_, frame) in chosen { connect(sources[Int(frame.index)], to: node, isResidual ? .residual : nil) }
      start(chosen.map(\.0), at: node)
    }
  }
}

/// The parts of a loop: what an operation must have to be drawn as one.
struct Loop {
  var count: Int
  var carryCount: Int
  var isReversed: Bool

  init?(_ operation: Graph.Operation) {
    guard case .integer(let count)? = operation.attributes["count"],
      case .integer(let carryCount)? = operation.attributes["carries"], !operation.regions.isEmpty
    else { return nil }
    (self.count, self.carryCount) = (count, carryCount)
    isReversed = operation.attributes.flag("reversed")
  }
}
