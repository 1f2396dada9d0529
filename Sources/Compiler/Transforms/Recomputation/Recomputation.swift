import GraphIR
import Operators

extension Pass {
  /// Bytes of a value that are worth the launch of a kernel of their own.
  public static let worthComputingAgain = 1 << 16

  /// Computes again for the gradient what costs next to nothing and would otherwise be kept from the forward part on, where all
  /// that it is computed from is kept anyway.
  ///
  ///     %1 = multiply %0, %gain
  ///     %2 = dot %1, %weight
  ///     %3 = sine %2                  (backward from here)
  ///     %4 = dot %3, %1
  ///     %5 = multiply %4, %0
  /// ->
  ///     %1 = multiply %0, %gain
  ///     %2 = dot %1, %weight
  ///     %3 = sine %2
  ///     %6 = multiply %0, %gain
  ///     %4 = dot %3, %6
  ///     %5 = multiply %4, %0
  ///
  /// Between the loops of a forward and of a backward part there is nothing left to do: what is cheap is not stacked in the first
  /// place. It comes after common subexpressions have been found, which would take it back.
  ///
  /// - Parameter byteCount: of the smallest value that is worth it.
  public static func recomputation(ofAtLeast byteCount: Int = worthComputingAgain) -> Pass {
    Pass("recomputation") { graph in
      var recomputation = Recomputation(graph, byteCount)
      for index in graph.regions.indices { recomputation.run(Graph.RegionID(index)) }
      return recomputation.graph
    }
  }
}

/// The values of each region, the latest first: what one is computed from is read from then on, and may be cheap itself.
struct Recomputation {
  var graph: Graph
  /// The region at hand.
  var region = Graph.body
  private let least: Int
  /// Operations of a value's region that read it, in themselves or in their regions, in the order in which they run.
  var readers: [Graph.Value: [Reader]] = [:]
  /// Of each operation in its region.
  private var positions: [Graph.OperationID: Int] = [:]
  /// The first operation of the gradient that computes what one of the forward part does: a rule that needs a function's slope
  /// often begins with the function.
  var twins: [Graph.OperationID: Reader] = [:]
  /// What is put in front of the operation at a position of the region at hand.
  var copies: [Int: [Graph.OperationID]] = [:]

  struct Reader {
    let position: Int
    let operation: Graph.OperationID
    let isBackward: Bool
  }

  init(_ graph: Graph, _ least: Int) {
    (self.graph, self.least) = (graph, least)
    var enclosing: [Graph.RegionID: Reader] = [:]
    noteReads(in: Graph.body, &enclosing)
  }

  mutating func run(_ region: Graph.RegionID) {
    self.region = region
    let own = graph[region].operations
    guard own.contains(where: { Self.isBackward(graph[$0]) }) else { return }
    for identifier in own { twins[identifier] = twin(of: graph[identifier]) }
    for identifier in own.reversed() { recompute(identifier) }
    if copies.isEmpty { return }
    graph[region].operations = own.enumerated().flatMap { copies[$0, default: []] + [$1] }
    copies = [:]
  }

  // MARK: Who reads what

  private mutating func noteReads(in region: Graph.RegionID, _ enclosing: inout [Graph.RegionID: Reader]) {
    for (position, identifier) in graph[region].operations.enumerated() {
      let operation = graph[identifier]
      positions[identifier] = position
      enclosing[region] = Reader(position: position, operation: identifier, isBackward: Self.isBackward(operation))
      for operand in operation.operands { noteRead(of: operand, enclosing) }
      for inner in operation.regions { noteReads(in: inner, &enclosing) }
    }
    enclosing[region] = nil
    for result in graph[region].results { noteRead(of: result, enclosing) }
  }

  private mutating func noteRead(of value: Graph.Value, _ enclosing: [Graph.RegionID: Reader]) {
    guard let reader = enclosing[graph[value].region], readers[value]?.last?.operation != reader.operation else {
      return
    }
    readers[value, default: []].append(reader)
  }

  static func isBackward(_ operation: Graph.Operation) -> Bool {
    [.backward, .recompute].contains(operation.annotation.role)
  }

  private mutating func recompute(_ identifier: Graph.OperationID) {
    let operation = graph[identifier]
    guard [.forward, .detached].contains(operation.annotation.role), operation.used.kind == .elementwise,
      let value = operation.results.first, graph.type(of: value).byteCount >= least,
      let first = firstBackwardRead(of: value), let chain = chain(of: identifier, keptUntil: first)
    else { return }
    replaceReads(of: value, by: computed(chain, before: first), where: \.isBackward)
  }

  /// Where the gradient first reads a value that the forward part has done with by then.
  private func firstBackwardRead(of value: Graph.Value) -> Int? {
    let readers = self.readers[value, default: []]
    guard let first = readers.filter(\.isBackward).map(\.position).min(), !graph[region].results.contains(value),
      readers.allSatisfy({ $0.isBackward || $0.position < first }), readers.contains(where: { !$0.isBackward })
    else { return nil }
    return first
  }

  // MARK: What is cheap

  /// The result of a chain longer or dearer than this is kept; what the gradient computes anyway costs nothing.
  private static let (longestChain, mostFlops) = (24, 32)

  /// The operations that compute a result from what is kept until a position; nil if they are dear, or something is not kept.
  private func chain(of identifier: Graph.OperationID, keptUntil position: Int) -> [Graph.OperationID]? {
    let byteCount = graph.type(of: graph[identifier].results[0]).byteCount
    var (chain, open, flops): ([Graph.OperationID], [Graph.OperationID], Int) = ([], [identifier], 0)
    while let next = open.popLast() {
      if chain.contains(next) { continue }
      chain.append(next)
      if twins[next] == nil { flops += graph.elementFlops(of: graph[next]) }
      guard chain.count <= Self.longestChain, flops <= Self.mostFlops else { return nil }
      for operand in graph[next].operands where !isKept(operand, until: position, besides: byteCount) {
        guard let inner = repeatable(operand) else { return nil }
        open.append(inner)
      }
    }
    return chain.sorted { positions[$0, default: 0] < positions[$1, default: 0] }
  }

  /// Whether a value is there at a position whatever is computed again, or is much smaller than what is.
  private func isKept(_ value: Graph.Value, until position: Int, besides byteCount: Int) -> Bool {
    if graph[value].region != region || (region == Graph.body && graph.definingOperation(of: value) == nil) {
      return true
    }
    if readers[value, default: []].contains(where: { $0.isBackward && $0.position >= position }) { return true }
    guard let identifier = graph.definingOperation(of: value) else { return false }
    return graph[identifier].used.kind != .constant && graph.type(of: value).byteCount * 16 <= byteCount
  }

  /// The operation of the region that computes a value, if it can be done again.
  func repeatable(_ value: Graph.Value) -> Graph.OperationID? {
    guard graph[value].region == region, let identifier = graph.definingOperation(of: value),
      [.constant, .elementwise, .movement].contains(graph[identifier].used.kind), graph[identifier].regions.isEmpty
    else { return nil }
    return identifier
  }
}
