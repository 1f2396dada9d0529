import GraphIR
import KernelIR
import Operators

/// One entry of a region's schedule.
enum Item {
  case group(FusionGroup)
  case contraction(Graph.OperationID)
  case scatter(Graph.OperationID)
  case loop(Graph.OperationID, [Item])
}

/// Puts a region's operations into kernels, in an order that respects every dependence.
///
/// An operation joins the group that computes its latest operand, or else the last group if both read a common value;
/// since all its other operands come from earlier items, the order of the items stays valid.
struct ItemFormation {
  private let lowered: LoweredGraph
  private var items: [Item] = []
  /// The item that computes a stored or grouped value of this region.
  private var itemOfValue: [Graph.Value: Int] = [:]

  /// A group farther back than this is closed: joining it would compute a value long before it is needed.
  private static let reach = 12

  init(_ lowered: LoweredGraph) { self.lowered = lowered }

  static func items(of region: Graph.RegionID, _ lowered: LoweredGraph) -> [Item] {
    var formation = ItemFormation(lowered)
    for identifier in lowered.graph[region].operations { formation.add(identifier) }
    return formation.items
  }

  private mutating func add(_ identifier: Graph.OperationID) {
    let operation = lowered.graph[identifier]
    switch lowered.lowering(identifier) {
    case nil:
      append(.loop(identifier, Self.items(of: operation.regions[0], lowered)), operation)
    case .view?: break
    case .contraction?: append(.contraction(identifier), operation)
    case .scatterRows?: append(.scatter(identifier), operation)
    case .map?, .reduce?:
      if lowered.virtualExpression(operation.results[0]) == nil { addToGroup(identifier, operation) }
    }
  }

  private mutating func append(_ item: Item, _ operation: Graph.Operation) {
    for result in operation.results { itemOfValue[result] = items.count }
    items.append(item)
  }

  private mutating func addToGroup(_ identifier: Graph.OperationID, _ operation: Graph.Operation) {
    let sources = operation.operands.flatMap(lowered.storedSources)
    let latest = sources.compactMap { itemOfValue[$0] }.max() ?? -1
    for candidate in [latest, items.count - 1] where candidate >= max(latest, 0) {
      guard items.count - candidate <= Self.reach, case .group(var group) = items[candidate],
        group.role == operation.annotation.role, candidate == latest || group.shares(sources),
        let level = group.level(of: identifier, lowered)
      else { continue }
      group.add(identifier, level: level, lowered)
      items[candidate] = .group(group)
      itemOfValue[operation.results[0]] = candidate
      return
    }
    append(.group(newGroup(identifier, operation)), operation)
  }

  private func newGroup(_ identifier: Graph.OperationID, _ operation: Graph.Operation) -> FusionGroup {
    var extents = lowered.graph.type(of: operation.results[0]).shape.extents
    if case .reduce(let domain, _, _, _)? = lowered.lowering(identifier) { extents = domain }
    var group = FusionGroup(extents: extents, keptCount: nil, role: operation.annotation.role)
    group.add(identifier, level: .point, lowered)
    return group
  }
}
