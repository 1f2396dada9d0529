import GraphIR
import KernelIR
import Operators
import TensorTypes

/// A graph with the lowering of every operation, and for every value how it is held.
///
/// - A *view* has the bytes of another value.
/// - A *virtual* value is never stored: broadcasts, transposes, slices, constants and the like are folded into the
///   accesses of whatever reads them, unless that would make an expression too large.
/// - A *part* is computed in its place inside a larger value, and read there only.
/// - Every other value is computed by a kernel, and stored if something outside that kernel reads it.
struct LoweredGraph {
  let graph: Graph
  let target: Target
  private var lowerings: [Lowering?]
  private var isStoredByDemand: [Bool]
  private var parts: [Graph.Value: Part] = [:]
  private var wholes: Set<Graph.Value> = []
  /// Values that are moved before anything reads them: computed where they go.
  private var moved: Set<Graph.Value> = []
  /// The value whose bytes a value has.
  private var roots: [Graph.Value]
  /// Parts of each virtual value's expression with the virtual values in it written out; 0 for the others.
  private var expressionSizes: [Int]
  /// What each operation that a kernel computes reads.
  private var elements: [ElementExpression?] = []

  /// A larger expression is stored: each reader of a virtual value computes it again, so movement of movement would
  /// double with every step.
  private static let expressionLimit = 64

  /// - Parameter graph: decomposed, with the results of every region isolated.
  init(_ graph: Graph, _ target: Target) {
    (self.graph, self.target) = (graph, target)
    lowerings = Array(repeating: nil, count: graph.operations.count)
    isStoredByDemand = Array(repeating: false, count: graph.values.count)
    roots = graph.values.indices.map { Graph.Value($0) }
    expressionSizes = Array(repeating: 0, count: graph.values.count)
    var concatenations: [Graph.OperationID: Int] = [:]
    graph.forEachOperation { identifier, _ in
      guard case .primitive(_, let lower, _) = graph[identifier].used.semantics else { return }
      let result = graph.type(of: graph[identifier].results[0])
      // What has no elements is never computed, whatever would compute it.
      var lowering =
        result.elementCount == 0
        ? .map(.number(0, result.elementType)) : lower(graph.signature(of: graph[identifier]))
      if case .assemble(let axis, let expression) = lowering {
        lowering = .map(expression)
        concatenations[identifier] = axis
      }
      lowerings[Int(identifier.index)] = lowering
    }
    graph.forEachOperation { identifier, _ in
      demandStorage(graph[identifier], identifier)
      boundExpressions(of: graph[identifier])
    }
    for result in graph.results { demand(result) }
    findViews()
    findMoved()
    graph.forEachOperation { identifier, _ in boundExpressions(of: graph[identifier]) }
    assembleInPlace(concatenations)
    elements = graph.operations.indices.map { elementExpression(Graph.OperationID($0)) }
  }

  /// Movement that must be stored but leaves every element where it is has the bytes of its operand.
  private mutating func findViews() {
    var identifiers: [Graph.OperationID] = []
    graph.forEachOperation { identifier, _ in identifiers.append(identifier) }
    for identifier in identifiers.reversed() {
      let operation = graph[identifier]
      guard let result = operation.results.first, isStoredByDemand[Int(result.index)], movesNothing(identifier) else {
        continue
      }
      lowerings[Int(identifier.index)] = .view
      demand(operation.operands[0])
    }
    for identifier in identifiers {
      if case .view? = lowering(identifier) {
        roots[Int(graph[identifier].results[0].index)] = root(graph[identifier].operands[0])
      }
    }
  }

  private func movesNothing(_ identifier: Graph.OperationID) -> Bool {
    let operation = graph[identifier]
    guard operation.used.kind == .movement, case .map(.operand(0, let indices))? = lowering(identifier) else {
      return false
    }
    let (source, result) = (graph.type(of: operation.operands[0]), graph.type(of: operation.results[0]))
    guard source.elementCount == result.elementCount else { return false }
    var offset = AffineIndex.fixed(0, rank: result.shape.rank)
    for (index, stride) in zip(indices, source.shape.strides) {
      guard case .affine(let affine) = index else { return false }
      offset = offset + affine * stride
    }
    return offset.constant == 0
      && result.shape.extents.indices.allSatisfy {
        result.shape[$0] == 1 || offset.coefficients[$0] == result.shape.strides[$0]
      }
  }

  /// Stores a virtual value whose expression is too large; those of its operands are known.
  private mutating func boundExpressions(of operation: Graph.Operation) {
    for result in operation.results {
      let size = virtualExpression(result).map { _, expression in
        expression.partCount { expressionSizes[Int(operation.operands[$0].index)] }
      }
      expressionSizes[Int(result.index)] = size ?? 0
      guard let size, size > Self.expressionLimit else { continue }
      expressionSizes[Int(result.index)] = 0
      demand(result)
    }
  }

  /// An operation of two elements that movement alone reads, each element once at most, costs the same where it goes.
  private mutating func findMoved() {
    var readers: [Graph.Value: [Graph.OperationID]] = [:]
    // What a product reads through movement must lie in memory.
    var isRead: Set<Graph.Value> = []
    graph.forEachOperation { identifier, _ in
      if case .contraction? = lowering(identifier) {
        isRead.formUnion(graph[identifier].operands.compactMap { affineAccess($0)?.0 })
      }
      for operand in graph[identifier].operands { readers[operand, default: []].append(identifier) }
    }
    for (value, identifiers) in readers {
      guard let own = graph.definingOperation(of: value),
        case .map(.apply(let function, let arguments))? = lowering(own),
        function.flops <= 1, arguments.count == 2, arguments.allSatisfy(\.isAccessOnly),
        !isStoredByDemand[Int(value.index)], !isRead.contains(value)
      else { continue }
      let results = identifiers.map { graph[$0].results[0] }
      let isOnlyMoved = zip(identifiers, results).allSatisfy { reader, result in
        guard case .map(let expression)? = lowering(reader) else { return false }
        return expression.isAccessOnly && !isStoredByDemand[Int(result.index)]
      }
      let elements = results.reduce(0) { $0 + graph.type(of: $1).elementCount }
      if isOnlyMoved && elements <= graph.type(of: value).elementCount { moved.insert(value) }
    }
  }

  /// Concatenations and transpositions that must lie in memory take their operands where they are computed, if they can.
  private mutating func assembleInPlace(_ concatenations: [Graph.OperationID: Int]) {
    let useCounts = graph.useCounts()
    graph.forEachOperation { identifier, _ in
      guard case .map(let expression)? = lowering(identifier) else { return }
      let axis = concatenations[identifier]
      guard let found = parts(of: graph[identifier], axis, useCounts) else { return }
      assemble(identifier, found, axis ?? 0, expression)
    }
  }

  /// The parts of a concatenation along an axis, or the one that is all of a transposition, of a result that is stored.
  private func parts(
    of operation: Graph.Operation, _ axis: Int?, _ useCounts: [Int]
  ) -> [(value: Graph.Value, part: Part)]? {
    guard isStored(operation.results[0]), graph.type(of: operation.results[0]).elementCount > 0 else { return nil }
    let search = PartSearch(lowered: self, useCounts: useCounts)
    guard let axis else { return search.part(operation).map { [$0] } }
    return search.parts(operation, axis: axis)
  }

  private mutating func assemble(
    _ identifier: Graph.OperationID, _ found: [(value: Graph.Value, part: Part)], _ axis: Int,
    _ expression: ScalarExpression
  ) {
    lowerings[Int(identifier.index)] = .assemble(axis: axis, otherwise: expression)
    wholes.insert(graph[identifier].results[0])
    for (value, part) in found {
      parts[value] = part
      demand(value)
    }
  }

  /// Whether a value lies in memory because something can read it only there.
  func isStored(_ value: Graph.Value) -> Bool { isStoredByDemand[Int(value.index)] }

  /// Where a value is computed inside a larger one, if it is.
  func part(_ value: Graph.Value) -> Part? { parts[value] }

  /// Whether a value is laid together from parts.
  func isWhole(_ value: Graph.Value) -> Bool { wholes.contains(value) }

  func lowering(_ identifier: Graph.OperationID) -> Lowering? { lowerings[Int(identifier.index)] }

  /// The expression of a virtual value over its own axes, with the operation whose operands it reads.
  func virtualExpression(_ value: Graph.Value) -> (Graph.Operation, ScalarExpression)? {
    guard !isStoredByDemand[Int(value.index)], let identifier = graph.definingOperation(of: value),
      case .map(let expression)? = lowering(identifier), expression.isCheapToRepeat || moved.contains(value)
    else { return nil }
    return (graph[identifier], expression)
  }

  /// What a kernel computes for each element of an operation's result, or combines, over the operation's own axes.
  func element(_ identifier: Graph.OperationID) -> ElementExpression {
    guard let element = elements[Int(identifier.index)] else {
      preconditionFailure("\(graph[identifier].name) is computed by no loop nest")
    }
    return element
  }

  private func elementExpression(_ identifier: Graph.OperationID) -> ElementExpression? {
    let result = graph[identifier].results.first
    var (values, rank, own) = ([Graph.Value](), 0, ScalarExpression?.none)
    switch lowering(identifier) {
    case .map(let expression)? where result.flatMap(virtualExpression) == nil:
      (rank, own) = (graph.type(of: graph[identifier].results[0]).shape.rank, expression)
    case .reduce(let extents, _, _, let expression)?: (rank, own) = (extents.count, expression)
    default: break
    }
    return own.map {
      let written = writtenOut($0, graph[identifier].operands, rank, &values)
      return ElementExpression(expression: written, values: values)
    }
  }

  /// An expression over so many axes with the virtual values in it written out.
  private func writtenOut(
    _ expression: ScalarExpression, _ operands: [Graph.Value], _ rank: Int, _ values: inout [Graph.Value]
  ) -> ScalarExpression {
    expression.mapOperands { operand, indices in
      if let (operation, own) = virtualExpression(operands[operand]) {
        let axes = indices.compactMap { if case .affine(let index) = $0 { index } else { nil } }
        return writtenOut(own.substituting(axes, rank: rank), operation.operands, rank, &values)
      }
      let number = values.firstIndex(of: operands[operand]) ?? values.count
      if number == values.count { values.append(operands[operand]) }
      return .operand(number, indices)
    }
  }

  /// The value whose bytes a value has: itself unless it is a view.
  func root(_ value: Graph.Value) -> Graph.Value { roots[Int(value.index)] }

  /// The stored values that reading a value touches.
  func storedSources(_ value: Graph.Value) -> [Graph.Value] {
    // Not all operands of its operation: one without elements reads none.
    if let (operation, expression) = virtualExpression(value) {
      return expression.operands.flatMap { storedSources(operation.operands[$0]) }
    }
    return [root(value)]
  }

  /// The stored value and the linear offset, over the value's own axes, of a value that is affine in memory.
  func affineAccess(_ value: Graph.Value) -> (Graph.Value, AffineIndex)? {
    let shape = graph.type(of: value).shape
    guard let (operation, expression) = virtualExpression(value) else {
      return (root(value), AffineIndex(coefficients: shape.strides))
    }
    guard case .operand(let operand, let axes) = expression,
      let (source, offset) = affineAccess(operation.operands[operand])
    else { return nil }
    let indices = axes.compactMap { if case .affine(let index) = $0 { index } else { nil } }
    return (source, offset.substituting(indices, rank: shape.rank))
  }

  /// Marks the operands that an operation can only read from memory.
  private mutating func demandStorage(_ operation: Graph.Operation, _ identifier: Graph.OperationID) {
    switch lowering(identifier) {
    case .view?, .rows?, nil:
      for operand in operation.operands { demand(operand) }
    case .contraction?:
      for operand in operation.operands where affineAccess(operand) == nil { demand(smallestSource(of: operand)) }
      if operation.operands.count == 3 { demand(operation.operands[2]) }
    case .map(let expression)?: demandIndexedOperands(expression, operation)
    // Concatenations are maps until they are assembled.
    case .reduce?, .assemble?: break
    }
    for region in operation.regions { for result in graph[region].results { demand(result) } }
  }

  /// What movement makes a value of that is affine in it, where that is smaller: overlapping windows of padded elements are
  /// read from those, not stored.
  private func smallestSource(of value: Graph.Value) -> Graph.Value {
    var source = value
    while let (operation, expression) = virtualExpression(source), case .operand(let number, let axes) = expression,
      axes.allSatisfy({ if case .affine = $0 { true } else { false } })
    {
      source = operation.operands[number]
    }
    return graph.type(of: source).elementCount < graph.type(of: value).elementCount ? source : value
  }

  /// An operand read at computed positions must lie in memory.
  private mutating func demandIndexedOperands(_ expression: ScalarExpression, _ operation: Graph.Operation) {
    switch expression {
    case .operand(let operand, let axes):
      if axes.contains(where: { if case .computed = $0 { true } else { false } }) {
        demand(operation.operands[operand])
      }
    case .apply(_, let arguments): for argument in arguments { demandIndexedOperands(argument, operation) }
    case .choose(_, let first, let second):
      for part in [first, second] { demandIndexedOperands(part, operation) }
    case .number, .index, .local, .load: break
    }
  }

  private mutating func demand(_ value: Graph.Value) { isStoredByDemand[Int(value.index)] = true }
}

/// What is computed for an element, over the axes of an operation; operands are numbers of stored or grouped values.
struct ElementExpression {
  var expression: ScalarExpression
  var values: [Graph.Value]
}
