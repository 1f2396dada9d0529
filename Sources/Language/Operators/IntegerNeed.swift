import GraphIR
import KernelIR
import TensorTypes

/// What a graph needs of the integers in one of its parameters.
public struct IntegerNeed: Sendable {
  /// Position among the graph's parameters.
  public var parameter: Int
  public var accepted: AcceptedIntegers
  /// Which elements, row-major, are used so; nil for all.
  public var elements: [Bool]?
  /// The operator that uses them, and the token of its line.
  public var use: String
  public var location: Int?

  /// The first element that is not accepted.
  public func firstViolation(in numbers: [Int32]) -> Int? {
    numbers.indices.first { elements?[$0] != false && !accepted.contains(Int(numbers[$0])) }
  }
}

extension Graph {
  /// What the uses of integer parameters need of them, traced backwards from every operator that takes integers as
  /// positions through movement, loops, and sums and products with constants.
  ///
  /// A condition that is listed always holds in a run without a wrong position, with two exceptions: where parts are moved from
  /// or to computed positions, all of them must fit, those that a run may not read as well; and what the first iteration reads
  /// must fit where a loop whose count is known at run time runs no iteration. Some conditions on what is computed in the graph
  /// are not listed.
  public func integerNeeds() -> [IntegerNeed] {
    guard parameters.contains(where: { type(of: $0).elementType == .int32 }) else { return [] }
    // A composite that says nothing of its integers is what it is made of.
    let graph = decomposed { if case .free = $0.integers { true } else { false } }
    return graph.ownIntegerNeeds()
  }

  private func ownIntegerNeeds() -> [IntegerNeed] {
    var analysis = IntegerAnalysis(graph: self)
    analysis.walk(Graph.body)
    return parameters.enumerated().flatMap { index, parameter in
      analysis.needs(of: parameter).map { need in
        let use = self[need.use]
        return IntegerNeed(
          parameter: index, accepted: need.accepted, elements: need.elements, use: use.name,
          location: use.annotation.location)
      }
    }
  }
}

/// Walks a graph from its end to its beginning and gathers for every integer value what its readers need.
private struct IntegerAnalysis {
  let graph: Graph
  private var needsOfValue: [Graph.Value: [Need]] = [:]

  struct Need: Hashable {
    var accepted: AcceptedIntegers
    var elements: [Bool]?
    var use: Graph.OperationID
  }

  init(graph: Graph) { self.graph = graph }

  /// Iterations of a loop that are looked at one by one, where what a carry needs changes from one to the next; more as long
  /// as `budget` lasts.
  private static let fewestIterations = 64
  /// Operations that are still looked at beyond those.
  private var budget = 100_000

  func needs(of value: Graph.Value) -> [Need] { needsOfValue[value] ?? [] }

  /// Adds a need, or narrows the one for the same use of the same elements.
  private mutating func add(_ need: Need, to value: Graph.Value) {
    guard graph.type(of: value).elementType == .int32 else { return }
    var needs = needs(of: value)
    defer { needsOfValue[value] = needs }
    for (index, other) in needs.enumerated() where other.elements == need.elements {
      if other.accepted == need.accepted {
        // Of uses that need the same, the first in the graph is named.
        needs[index].use = min(other.use, need.use)
        return
      }
      if other.use == need.use, let both = other.accepted.intersection(need.accepted) {
        needs[index].accepted = both
        return
      }
    }
    needs.append(need)
  }

  mutating func walk(_ region: Graph.RegionID) {
    budget -= graph[region].operations.count
    for identifier in graph[region].operations.reversed() {
      let operation = graph[identifier]
      switch operation.used.semantics {
      case .loop: walk(Repeat(operation, in: graph))
      case .checkpoint:
        for (result, inner) in zip(operation.results, graph[operation.regions[0]].results) {
          needs(of: result).forEach { add($0, to: inner) }
        }
        walk(operation.regions[0])
      case .primitive, .composite: apply(operation.used.integers, identifier, operation)
      }
    }
  }

  private mutating func apply(_ rule: IntegerRule, _ identifier: Graph.OperationID, _ operation: Graph.Operation) {
    switch rule {
    case .free: break
    case .addresses(let moving, let accepted):
      for need in needs(of: operation.results[0]) {
        moving.forEach { moveAlong(need, operation, to: operation.operands[$0]) }
      }
      for (operand, accepted) in zip(operation.operands, accepted(graph.signature(of: operation))) {
        if let accepted { add(Need(accepted: accepted, use: identifier), to: operand) }
      }
    case .moved(let isWhole):
      let isWhole = isWhole(graph.signature(of: operation))
      for need in needs(of: operation.results[0]) { move(need, operation, isWhole: isWhole) }
    case .computed(let rule):
      for need in needs(of: operation.results[0]) {
        for (operand, accepted) in zip(operation.operands, rule(need.accepted, operation.operands.map(number))) {
          if let accepted { add(Need(accepted: accepted, elements: need.elements, use: need.use), to: operand) }
        }
      }
    }
  }

  // MARK: Movement

  /// Gives a need of a result to the elements of the operands that are moved there.
  private mutating func move(_ need: Need, _ operation: Graph.Operation, isWhole: Bool) {
    let isAll = need.elements == nil && isWhole
    for (position, operand) in operation.operands.enumerated()
    where graph.type(of: operand).elementType == .int32 && graph.type(of: operand).elementCount < Int32.max {
      var moved = need
      moved.elements = isAll ? nil : elements(need.elements, of: position, operation)
      if moved.elements?.contains(true) != false { add(moved, to: operand) }
    }
  }

  /// Gives a need of a result to the elements of an operand that may be moved there along one axis, that of the operator or the
  /// first: places along the other axes stay what they are.
  private mutating func moveAlong(_ need: Need, _ operation: Graph.Operation, to operand: Graph.Value) {
    var moved = need
    if let wanted = need.elements {
      let whole = graph.type(of: operation.operands[0]).shape.extents
      let axis = operation.attributes["axis"] == nil ? 0 : operation.attributes.integer("axis")
      let (outer, inner) = (whole[..<axis].reduce(1, *), whole[(axis + 1)...].reduce(1, *))
      let rows = wanted.count / max(outer * inner, 1)
      var columns = Array(repeating: false, count: outer * inner)
      for (index, isWanted) in wanted.enumerated() where isWanted {
        columns[index / (rows * inner) * inner + index % inner] = true
      }
      let count = graph.type(of: operand).elementCount
      guard columns.contains(true), count > 0 else { return }
      let own = count / columns.count
      moved.elements =
        columns.allSatisfy { $0 } ? nil : (0..<count).map { columns[$0 / (own * inner) * inner + $0 % inner] }
    }
    add(moved, to: operand)
  }

  /// Which elements of an operand become the given elements of the result: the operator moves their numbers.
  private func elements(_ wanted: [Bool]?, of position: Int, _ operation: Graph.Operation) -> [Bool]? {
    var operands = operation.operands.map { HostTensor(graph.type(of: $0), repeating: 0) }
    let count = operands[position].type.elementCount
    operands[position] = HostTensor(operands[position].shape, (0..<count).map { Int32($0) + 1 })
    var found = Array(repeating: false, count: count)
    for (index, number) in evaluate(operation, operands).integers.enumerated()
    where number > 0 && wanted?[index] != false {
      found[Int(number) - 1] = true
    }
    return found.allSatisfy { $0 } ? nil : found
  }

  private func evaluate(_ operation: Graph.Operation, _ operands: [HostTensor]) -> HostTensor {
    guard case .primitive(let evaluate, _, _) = operation.used.semantics else {
      preconditionFailure("\(operation.name) moves integers, but is no primitive operator")
    }
    let results = operation.results.map { graph.type(of: $0) }
    return evaluate(EvaluationContext(operands: operands, attributes: operation.attributes, results: results))[0]
  }

  /// The number that every element of a value is, as far as constants and movement say.
  private func number(_ value: Graph.Value) -> Int? {
    guard let identifier = graph.definingOperation(of: value), graph.type(of: value).elementType == .int32 else {
      return nil
    }
    let operation = graph[identifier]
    guard case .primitive(_, let lower, _) = operation.used.semantics else { return nil }
    let lowering = lower(graph.signature(of: operation))
    if case .map(.number(let number, _)) = lowering { return Int(exactly: number) }
    guard case .moved = operation.used.integers, operation.operands.count == 1, !lowering.addsElements else {
      return nil
    }
    return number(operation.operands[0])
  }

  // MARK: Loops

  /// From the last iteration to the first, until one needs of its carries what the next one did.
  private mutating func walk(_ loop: Repeat) {
    if let count = loop.runTimeCount {
      // Every iteration needs what it reads from outside, the first one what it reads of the carries; what one needs of the
      // next is not said, since nobody knows which of them there are.
      walk(loop.region)
      addFirstNeeds(of: loop)
      clear(loop.region)
      guard let own = loop.finalCarries.first.flatMap(graph.definingOperation) else { return }
      return add(Need(accepted: AcceptedIntegers(0..<(loop.count + 1)), use: own), to: count)
    }
    var carried = loop.finalCarries.map(needs)
    let stacked = loop.stacks.map(needs)
    var slices = loop.slices.map { _ in [Need: [Bool]]() }
    let isUniform = stacked.allSatisfy { $0.allSatisfy { $0.elements == nil } }
    func need(_ slice: Int, _ steps: ClosedRange<Int>) {
      for (need, step) in needs(of: loop.slices[slice]).flatMap({ need in steps.map { (need, $0) } }) {
        let part = loop.isReversed ? loop.count - 1 - step : step
        slices[slice][need, default: Array(repeating: false, count: loop.count)][part] = true
      }
    }
    for step in (0..<loop.count).reversed() {
      if step < loop.count - Self.fewestIterations && budget <= 0 {
        // What a long chain of iterations needs of the first is not said, only what each of them needs itself.
        clear(loop.region)
        walk(loop.region)
        for slice in slices.indices { need(slice, 0...step) }
        addFirstNeeds(of: loop)
        return addNeeds(slices, of: loop)
      }
      if step < loop.count - 1 { clear(loop.region) }
      let part = loop.isReversed ? loop.count - 1 - step : step
      for (next, needs) in zip(loop.nextCarries, carried) { needs.forEach { add($0, to: next) } }
      for (output, needs) in zip(loop.stackedOutputs, stacked) {
        for need in needs { add(need.part(part, of: loop.count), to: output) }
      }
      walk(loop.region)
      let needed = loop.carries.map(needs)
      let isSteady = isUniform && needed == carried
      carried = needed
      for slice in slices.indices { need(slice, isSteady ? 0...step : step...step) }
      if isSteady { break }
    }
    for (needs, initial) in zip(carried, loop.initialCarries) { needs.forEach { add($0, to: initial) } }
    addNeeds(slices, of: loop)
  }

  /// Adds what the first iteration, whose region has just been walked, needs of its carries.
  private mutating func addFirstNeeds(of loop: Repeat) {
    for (carry, initial) in zip(loop.carries, loop.initialCarries) {
      needs(of: carry).forEach { add($0, to: initial) }
    }
  }

  /// Adds what the parts of stacks need, by the iterations that need it.
  private mutating func addNeeds(_ slices: [[Need: [Bool]]], of loop: Repeat) {
    for (needs, stack) in zip(slices, loop.stackedInputs) {
      let width = graph.type(of: stack).elementCount / loop.count
      for (need, parts) in needs.sorted(by: { $0.key.use < $1.key.use }) {
        var whole = need
        whole.elements = parts.flatMap { isPart in
          isPart ? need.elements ?? Array(repeating: true, count: width) : Array(repeating: false, count: width)
        }
        if whole.elements?.allSatisfy({ $0 }) == true { whole.elements = nil }
        add(whole, to: stack)
      }
    }
  }

  /// Forgets what was found in a region, before another iteration.
  private mutating func clear(_ region: Graph.RegionID) {
    for value in graph[region].parameters { needsOfValue[value] = nil }
    for identifier in graph[region].operations {
      for value in graph[identifier].results { needsOfValue[value] = nil }
      graph[identifier].regions.forEach { clear($0) }
    }
  }
}

extension IntegerAnalysis.Need {
  fileprivate init(accepted: AcceptedIntegers, use: Graph.OperationID) {
    self.init(accepted: accepted, elements: nil, use: use)
  }

  /// What one of the parts of a stack needs.
  fileprivate func part(_ part: Int, of count: Int) -> Self {
    var need = self
    if let elements {
      let width = elements.count / count
      need.elements = Array(elements[(part * width)..<((part + 1) * width)])
    }
    return need
  }
}

extension Lowering {
  /// Whether elements of the result are in no operand, of an operator that moves elements.
  fileprivate var addsElements: Bool {
    switch self {
    case .view, .assemble: false
    case .map(let expression): expression.namesNumbers
    case .reduce, .contraction, .rows: true
    }
  }
}

extension ScalarExpression {
  fileprivate var namesNumbers: Bool {
    switch self {
    case .number: true
    case .index, .operand, .load, .local: false
    case .apply(_, let arguments): arguments.contains(where: \.namesNumbers)
    case .choose(_, let first, let second): first.namesNumbers || second.namesNumbers
    }
  }
}
