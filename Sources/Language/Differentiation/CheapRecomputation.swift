import GraphIR
import Operators
import TensorTypes

/// Replaces values of a forward body that cost next to nothing by copies of their operations in the backward body.
///
/// Movement and constants always; element-wise work when everything it reads is kept anyway, so no residual is added. The
/// latest cheap value comes first: what it reads is needed from then on, and may be cheap itself.
struct CheapRecomputation {
  private let build: GraphBuilder
  private let forward: Graph.RegionID
  private let backward: Graph.RegionID
  /// Forward values that the backward body reads at the moment.
  private var needed: Set<Graph.Value>
  /// How many needed values hold a value in another order or shape.
  private var orderedCounts: [Graph.Value: Int] = [:]
  /// Needed values that are still to be looked at, the latest last.
  private var pending: [Graph.Value]
  /// Values that were not cheap, by what they would have to find kept.
  private var waiting: [Graph.Value: Set<Graph.Value>] = [:]
  /// Operations of the backward body that read a forward value, in themselves or in their regions.
  private var readers: [Graph.Value: Set<Graph.OperationID>] = [:]

  init(_ build: GraphBuilder, forward: Graph.RegionID, backward: Graph.RegionID, needed: [Graph.Value]) {
    self.build = build
    self.forward = forward
    self.backward = backward
    self.needed = Set(needed)
    pending = needed.sorted()
    for value in needed { if let source = source(of: value) { orderedCounts[source, default: 0] += 1 } }
    for identifier in build.graph[backward].operations { noteReads(identifier) }
  }

  mutating func run() {
    while let value = pending.popLast() {
      if needed.contains(value), isCheap(value) { recompute(value) }
    }
  }

  // MARK: What is cheap

  private mutating func isCheap(_ value: Graph.Value) -> Bool {
    guard let operation = forwardOperation(of: value) else { return false }
    switch operation.used.kind {
    case .constant: return true
    case .movement:
      guard let source = sourceWorthKeeping(operation) else { return true }
      waiting[source, default: []].insert(value)
      return false
    case .elementwise:
      var leaves: Set<Graph.Value> = []
      guard collectLeaves(of: operation, &leaves, depth: 0), !leaves.contains(value) else { return false }
      let missing = leaves.filter { !isKept($0) }
      for leaf in missing { waiting[leaf, default: []].insert(value) }
      return missing.isEmpty
    default: return false
    }
  }

  /// Whether a value is needed anyway, as it is or in another order or shape, or is the number of the iteration: four
  /// bytes from which random numbers are drawn again.
  private func isKept(_ value: Graph.Value) -> Bool {
    needed.contains(value) || orderedCounts[value, default: 0] > 0 || value == iteration
  }

  private var iteration: Graph.Value? {
    build.graph[forward].parameters.first.flatMap { build.type(of: $0) == TensorType(.int32, .scalar) ? $0 : nil }
  }

  /// What a value holds in another order or shape.
  private func source(of value: Graph.Value) -> Graph.Value? {
    guard let operation = forwardOperation(of: value), operation.used.kind == .movement,
      operation.operands.count == 1, let operand = operation.operands.first,
      build.type(of: operand).elementCount == build.type(of: value).elementCount
    else { return nil }
    return source(of: operand) ?? operand
  }

  /// The source of a value that holds the same elements in another order or shape, where nothing else reads the source:
  /// then the value is kept as it is read.
  private func sourceWorthKeeping(_ operation: Graph.Operation) -> Graph.Value? {
    guard let source = source(of: operation.results[0]), !needed.contains(source),
      let inner = forwardOperation(of: source), !Self.isRepeatable(inner)
    else { return nil }
    return source
  }

  private static func isRepeatable(_ operation: Graph.Operation) -> Bool {
    [.constant, .elementwise, .movement].contains(operation.used.kind)
  }

  /// Longest chain of operations that is computed again for one residual.
  private static let chainLimit = 8

  /// Gathers the forward values that a chain of cheap operations starts from; false if the chain is too long.
  private func collectLeaves(of operation: Graph.Operation, _ leaves: inout Set<Graph.Value>, depth: Int) -> Bool {
    guard depth < Self.chainLimit else { return false }
    return operation.operands.allSatisfy { operand in
      guard build.graph[operand].region == forward else { return true }
      if !isKept(operand), let inner = forwardOperation(of: operand), Self.isRepeatable(inner) {
        return collectLeaves(of: inner, &leaves, depth: depth + 1)
      }
      leaves.insert(operand)
      return true
    }
  }

  private func forwardOperation(of value: Graph.Value) -> Graph.Operation? {
    guard build.graph[value].region == forward else { return nil }
    return build.graph.definingOperation(of: value).map { build.graph[$0] }
  }

  // MARK: What is computed again

  /// Copies the value's operation to just before its first use in the backward body.
  private mutating func recompute(_ value: Graph.Value) {
    guard let identifier = build.graph.definingOperation(of: value) else { return }
    let operation = build.graph[identifier]
    let annotation = Graph.Annotation(
      role: .recompute, scope: operation.annotation.scope, location: operation.annotation.location)
    let copy = build.graph.append(
      operation.name, operation.operands, attributes: operation.attributes,
      resultTypes: operation.results.map { build.type(of: $0) }, annotation: annotation, to: backward)
    build.graph[backward].operations.removeLast()
    insert(copy, Dictionary(uniqueKeysWithValues: zip(operation.results, build.graph[copy].results)))
    operation.results.forEach { drop($0) }
    for operand in operation.operands where build.graph[operand].region == forward { need(operand) }
    noteReads(copy)
  }

  private func insert(_ copy: Graph.OperationID, _ replacements: [Graph.Value: Graph.Value]) {
    let own = replacements.keys.reduce(into: Set<Graph.OperationID>()) { $0.formUnion(readers[$1] ?? []) }
    let operations = build.graph[backward].operations
    let position = operations.firstIndex(where: own.contains) ?? operations.count
    own.forEach { build.graph.replaceUses(by: $0, replacements) }
    build.graph[backward].results = build.graph[backward].results.map { replacements[$0] ?? $0 }
    build.graph[backward].operations.insert(copy, at: position)
  }

  private mutating func noteReads(_ identifier: Graph.OperationID) {
    let operation = build.graph[identifier]
    let read = operation.operands + operation.regions.flatMap { build.graph.capturedValues(of: $0) }
    for value in read where build.graph[value].region == forward { readers[value, default: []].insert(identifier) }
  }

  private mutating func drop(_ value: Graph.Value) {
    guard needed.remove(value) != nil, let source = source(of: value) else { return }
    orderedCounts[source, default: 0] -= 1
  }

  /// Needs a value from now on; values that waited for it are looked at again.
  private mutating func need(_ value: Graph.Value) {
    guard needed.insert(value).inserted else { return }
    let source = source(of: value)
    if let source { orderedCounts[source, default: 0] += 1 }
    var again = waiting.removeValue(forKey: value) ?? []
    if let source { again.formUnion(waiting.removeValue(forKey: source) ?? []) }
    again.insert(value)
    for value in again {
      let index = pending.partition(upTo: value)
      if index == pending.count || pending[index] != value { pending.insert(value, at: index) }
    }
  }
}

extension [Graph.Value] {
  /// The first index of a sorted list whose element is not below the value.
  fileprivate func partition(upTo value: Graph.Value) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
