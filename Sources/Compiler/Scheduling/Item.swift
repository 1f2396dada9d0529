import GraphIR
import KernelIR
import Operators

/// One entry of a region's schedule.
enum Item {
  case group(FusionGroup)
  case contraction(Graph.OperationID, DotAxes)
  case rows(Graph.OperationID, RowWork)
  case loop(Graph.OperationID, [Item])
}

/// Puts a region's operations into kernels, in an order that respects every dependence.
///
/// An operation joins the group that computes its latest operand, or else a later group if both read a common value;
/// since all its other operands come from earlier items, the order of the items stays valid.
struct ItemFormation {
  private let lowered: LoweredGraph
  private let fuses: Bool
  private var items: [Item] = []
  /// The item that computes a stored or grouped value of this region.
  private var itemOfValue: [Graph.Value: Int] = [:]

  /// A group farther back than this is closed: joining it would compute a value long before it is needed.
  private static let reach = 12

  private init(_ lowered: LoweredGraph, fuses: Bool) {
    self.lowered = lowered
    self.fuses = fuses
  }

  /// - Parameter fuses: whether operations share kernels; otherwise each has its own.
  static func items(of region: Graph.RegionID, _ lowered: LoweredGraph, fuses: Bool) -> [Item] {
    var formation = ItemFormation(lowered, fuses: fuses)
    for identifier in lowered.graph[region].operations { formation.add(identifier) }
    return formation.items.filter { if case .group(let group) = $0 { !group.members.isEmpty } else { true } }
  }

  private mutating func add(_ identifier: Graph.OperationID) {
    let operation = lowered.graph[identifier]
    switch lowered.lowering(identifier) {
    case nil:
      append(.loop(identifier, Self.items(of: operation.regions[0], lowered, fuses: fuses)), operation)
    case .view?: break
    case .assemble?:
      let parts = operation.operands.flatMap(lowered.storedSources)
      itemOfValue[operation.results[0]] = parts.compactMap { itemOfValue[$0] }.max()
    case .contraction(let axes)?: append(.contraction(identifier, axes), operation)
    case .rows(let work)?: append(.rows(identifier, work), operation)
    case .map?, .reduce?:
      if lowered.virtualExpression(operation.results[0]) != nil { return }
      if !fuses || !joinsGroup(identifier, operation) { append(.group(newGroup(identifier, operation)), operation) }
    }
  }

  private mutating func append(_ item: Item, _ operation: Graph.Operation) {
    for result in operation.results { itemOfValue[result] = items.count }
    items.append(item)
  }

  /// Adds an operation to a group that is there; whether one was found.
  private mutating func joinsGroup(_ identifier: Graph.OperationID, _ operation: Graph.Operation) -> Bool {
    let sources = operation.operands.flatMap(lowered.storedSources)
    joinGroups(sources)
    let latest = sources.compactMap { itemOfValue[$0] }.max() ?? -1
    for candidate in candidates(latest, operation.annotation.role) {
      guard case .group(var group) = items[candidate], group.role.sharesLaunches(with: operation.annotation.role),
        candidate == latest || group.shares(sources), let level = group.level(of: identifier, lowered)
      else { continue }
      group.add(identifier, level: level, lowered)
      items[candidate] = .group(group)
      itemOfValue[operation.results[0]] = candidate
      return true
    }
    return false
  }

  /// Brings the groups that compute an operation's operands together where nothing stands between them.
  private mutating func joinGroups(_ sources: [Graph.Value]) {
    let positions = Set(sources.compactMap { itemOfValue[$0] }).sorted()
    for (index, later) in positions.enumerated().reversed() {
      let near = positions[max(0, index - Self.reach)..<index].drop { later - $0 >= Self.reach }
      _ = near.first { move(later, to: $0) }
    }
  }

  /// Moves a group's members into an earlier group, if both fit and the members read nothing from in between.
  private mutating func move(_ later: Int, to earlier: Int) -> Bool {
    guard case .group(let group) = items[later], case .group(var target) = items[earlier],
      !group.members.isEmpty, target.role == group.role
    else { return false }
    for member in group.members {
      let sources = lowered.graph[member].operands.flatMap(lowered.storedSources)
      guard sources.allSatisfy({ (itemOfValue[$0] ?? -1) <= earlier || itemOfValue[$0] == later }),
        let level = target.level(of: member, lowered)
      else { return false }
      target.add(member, level: level, lowered)
    }
    items[earlier] = .group(target)
    items[later] = .group(FusionGroup(extents: group.extents, keptCount: nil, role: group.role))
    for member in group.members { itemOfValue[lowered.graph[member].results[0]] = earlier }
    return true
  }

  /// The items that an operation may join, the best first: every one from the latest of its operands on.
  ///
  /// What is computed again waits for its anchor: it joins only what comes last.
  private func candidates(_ latest: Int, _ role: Graph.Role) -> [Int] {
    let last = items.count - 1
    guard last >= 0 else { return [] }
    if role == .recompute { return latest == last || latest < 0 ? [last] : [latest, last] }
    let others = (max(latest, last - Self.reach + 1, 0)...last).reversed().filter { $0 != latest }
    if latest < 0 { return others }
    return last - latest < Self.reach ? [latest] + others : others
  }

  private func newGroup(_ identifier: Graph.OperationID, _ operation: Graph.Operation) -> FusionGroup {
    var extents = lowered.graph.type(of: operation.results[0]).shape.extents
    if case .reduce(let domain, _, _, _)? = lowered.lowering(identifier) { extents = domain }
    var group = FusionGroup(extents: extents, keptCount: nil, role: operation.annotation.role)
    group.add(identifier, level: .point, lowered)
    return group
  }
}
