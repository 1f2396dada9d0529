import GraphIR

/// Sorts the operations of a graph into scopes.
///
/// A scope that is entered twice gives two items where one would close a cycle: `net` called in two places of
/// a loop is drawn twice, and the operations of one call that a pass has moved apart are drawn once.
struct OutlineBuilder {
  private let graph: Graph
  private var outline: Outline
  private var links = SiblingLinks()
  private var latest: [ScopeKey: Int] = [:]

  private struct ScopeKey: Hashable {
    var container: Int
    var path: String
    var role: Graph.Role
  }

  static func outline(_ graph: Graph) -> Outline {
    var builder = OutlineBuilder(graph: graph, outline: Outline(operationCount: graph.operations.count))
    builder.addOperations(of: Graph.body, to: Outline.body, around: [])
    return builder.outline
  }

  private init(graph: Graph, outline: Outline) {
    self.graph = graph
    self.outline = outline
  }

  private mutating func addOperations(of region: Graph.RegionID, to container: Int, around: [Int]) {
    for identifier in graph[region].operations {
      let operation = graph[identifier]
      let role = effectiveRole(operation)
      let producers = producers(of: operation)
      let scopes = scopeChain(operation.annotation.scope)
      var parent = container
      for path in paths(scopes, below: around, role, container) {
        parent = scopeItem(path, role, in: parent, producers)
      }
      let content: Outline.Content = operation.regions.isEmpty ? .operation(identifier) : .owner(identifier)
      let item = outline.add(content, role: role, to: parent)
      outline.itemOfOperation[Int(identifier.index)] = item
      link(producers, to: item)
      for inner in operation.regions { addOperations(of: inner, to: item, around: scopes) }
    }
  }

  /// The scopes of the operation that the region does not already lie in, as paths.
  private func paths(_ scopes: [Int], below around: [Int], _ role: Graph.Role, _ container: Int) -> [String] {
    let shared = zip(scopes, around).prefix { $0 == $1 }.count
    let paths = scopes.dropFirst(shared).map(graph.scopePath)
    // The update of hundreds of weights says little by weight: it is a scope, whoever wrote it.
    return role == .update && container == Outline.body && paths.first != "update"
      ? ["update"] + paths : paths
  }

  private func scopeChain(_ scope: Int) -> [Int] {
    var chain: [Int] = []
    var current: Int? = scope
    while let index = current, index != 0 {
      chain.append(index)
      current = graph.scopes[index].parent
    }
    return chain.reversed()
  }

  private mutating func scopeItem(_ path: String, _ role: Graph.Role, in parent: Int, _ producers: [Int])
    -> Int
  {
    let key = ScopeKey(container: parent, path: path, role: role)
    if let found = latest[key], !wouldCloseCycle(found, in: parent, producers) { return found }
    let item = outline.add(.scope(path: path), role: role, to: parent)
    latest[key] = item
    return item
  }

  private func wouldCloseCycle(_ item: Int, in container: Int, _ producers: [Int]) -> Bool {
    producers.contains { producer in
      guard let sibling = outline.child(of: container, holding: producer), sibling != item else {
        return false
      }
      return links.isReachable(sibling, from: item)
    }
  }

  private mutating func link(_ producers: [Int], to item: Int) {
    for producer in producers {
      var container = outline[item].parent
      var consumer = item
      while container != Outline.body, outline.child(of: container, holding: producer) == nil {
        consumer = container
        container = outline[container].parent
      }
      guard let sibling = outline.child(of: container, holding: producer) else { continue }
      if sibling != consumer { links.add(from: sibling, to: consumer) }
    }
  }

  /// The items of the operations that an operation and its regions read from, in order.
  private func producers(of operation: Graph.Operation) -> [Int] {
    let captured = operation.regions.flatMap(graph.capturedValues)
    return (operation.operands + captured).compactMap { value in
      graph.definingOperation(of: value).flatMap { outline.itemOfOperation[Int($0.index)] }
    }
  }

  /// The operation's role; for a loop that is marked forward, the role that all its operations share.
  private func effectiveRole(_ operation: Graph.Operation) -> Graph.Role {
    guard operation.annotation.role == .forward else { return operation.annotation.role }
    var inner: Graph.Role?
    var isUniform = true
    for region in operation.regions {
      graph.forEachOperation(in: region) { identifier, _ in
        let role = graph[identifier].annotation.role
        if inner != nil, inner != role { isUniform = false }
        inner = role
      }
    }
    return isUniform ? inner ?? .forward : .forward
  }
}

/// Which siblings of an outline read from which.
private struct SiblingLinks {
  private var successors: [Int: [Int]] = [:]
  private var known: Set<Link> = []

  private struct Link: Hashable {
    var source: Int
    var target: Int
  }

  mutating func add(from source: Int, to target: Int) {
    guard known.insert(Link(source: source, target: target)).inserted else { return }
    successors[source, default: []].append(target)
  }

  func isReachable(_ target: Int, from source: Int) -> Bool {
    var pending = successors[source] ?? []
    var seen = Set(pending)
    while let item = pending.popLast() {
      if item == target { return true }
      for next in successors[item] ?? [] where seen.insert(next).inserted { pending.append(next) }
    }
    return false
  }
}
