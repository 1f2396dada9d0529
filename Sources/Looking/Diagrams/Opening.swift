import GraphIR

/// Which items of an outline are drawn open, as clusters, and which as one node.
struct Opening {
  private let outline: Outline
  private(set) var isOpen: [Bool]
  /// Neighbours of the body that share one node; 1 unless nothing else brought the picture below its limit.
  private var foldedCount = 1
  private var closedScopeCount = 0
  private var closedLoopCount = 0

  init(_ outline: Outline, graph: Graph, options: GraphDiagram.Options, kind: (String) -> OperationKind) {
    self.outline = outline
    isOpen = outline.items.map { item in
      switch item.content {
      case .body: true
      case .operation: false
      case .owner(let owner): options.expand || kind(graph[owner].name) != .composite
      case .scope(let path): options.expand || Self.isNamed(path, in: options.expandedScopes)
      }
    }
    // From the inside out: a scope around an open loop is open. A lone scope is its container renamed.
    for item in outline.items.indices.reversed() where item != Outline.body && isOpen[item] {
      isOpen[outline[item].parent] = true
    }
    for item in outline.items.indices where isOpen[item] { openOnlyScope(of: item) }
  }

  /// The paths of all scopes, and which of the names fit none.
  static func scopes(_ outline: Outline, named names: [String]) -> (all: [String], unknown: [String]) {
    var paths: [String] = []
    var seen: Set<String> = []
    for item in outline.items {
      if case .scope(let path) = item.content, seen.insert(path).inserted { paths.append(path) }
    }
    return (paths, names.filter { name in !paths.contains { isNamed($0, in: [name]) } })
  }

  private static func isNamed(_ path: String, in expanded: [String]) -> Bool {
    expanded.contains { $0 == path || $0.hasPrefix(path + "/") || path.hasSuffix("/" + $0) }
  }

  private mutating func openOnlyScope(of container: Int) {
    let children = outline[container].children
    let scopes = children.filter(outline.isScope)
    if children.count == 1, let scope = scopes.first { isOpen[scope] = true }
  }

  /// The closed item that stands for each item; itself when everything around it is open.
  var representatives: [Int] {
    var representatives = Array(outline.items.indices)
    for item in outline.items.indices.dropFirst() {
      let around = representatives[outline[item].parent]
      representatives[item] = isOpen[around] ? item : around
    }
    guard foldedCount > 1 else { return representatives }
    var folded = representatives
    for (position, child) in outline[Outline.body].children.enumerated() {
      folded[child] = outline[Outline.body].children[position / foldedCount * foldedCount]
    }
    return representatives.map { folded[$0] }
  }

  /// Closes the deepest scopes, else loops, else lets neighbours share nodes; false when all is done.
  mutating func closeSome() -> Bool {
    let open = outline.items.indices.filter { $0 != Outline.body && isOpen[$0] }
    let holdsLoop = loopHolders(open)
    let scopes = open.filter { outline.isScope($0) && !holdsLoop[$0] }
    if !scopes.isEmpty {
      closedScopeCount += closeDeepest(scopes)
    } else if !open.isEmpty {
      closedLoopCount += closeDeepest(open.filter(outline.isOwner))
    } else if foldedCount < outline[Outline.body].children.count {
      foldedCount *= 2
    } else {
      return false
    }
    return true
  }

  private func loopHolders(_ open: [Int]) -> [Bool] {
    var holdsLoop = Array(repeating: false, count: outline.items.count)
    for item in open.reversed() where outline.isOwner(item) || holdsLoop[item] {
      holdsLoop[outline[item].parent] = true
    }
    return holdsLoop
  }

  private mutating func closeDeepest(_ items: [Int]) -> Int {
    let depth = items.map { outline[$0].depth }.max()
    let deepest = items.filter { outline[$0].depth == depth }
    for item in deepest { isOpen[item] = false }
    return deepest.count
  }

  /// What was closed to stay within the limit, as a line, which says where that is not enough; nil when nothing was needed.
  ///
  /// - Parameter count: the nodes of the picture.
  func note(limit: Int, count: Int) -> String? {
    var parts: [String] = []
    if closedScopeCount > 0 { parts.append(Self.counted(closedScopeCount, "scope")) }
    if closedLoopCount > 0 { parts.append(Self.counted(closedLoopCount, "loop")) }
    if foldedCount > 1 { parts.append("runs of \(foldedCount) neighbours") }
    let closed = parts.joined(separator: ", ")
    guard count > limit else {
      return parts.isEmpty ? nil : "drawn as one node each, to stay within \(limit) nodes: \(closed)"
    }
    let fewest = "\(count) nodes are the fewest, the limit is \(limit)"
    return parts.isEmpty ? fewest : "\(fewest); drawn as one node each: \(closed)"
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
