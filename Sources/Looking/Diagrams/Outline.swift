import GraphIR

/// The graph as a tree of what can be drawn as a box: regions, scopes, and operations as leaves.
///
/// Parents stand before their children in `items`; item 0 is the body.
struct Outline {
  enum Content: Hashable {
    case body
    case operation(Graph.OperationID)
    /// An operation that owns regions: a loop, a checkpoint.
    case owner(Graph.OperationID)
    case scope(path: String)
  }

  struct Item {
    var content: Content
    var role: Graph.Role
    var parent: Int
    var depth: Int
    var children: [Int] = []
  }

  static let body: Int = 0
  var items: [Item] = [Item(content: .body, role: .forward, parent: 0, depth: 0)]
  /// The item of each operation; nil for operations that no region lists.
  var itemOfOperation: [Int?]

  init(operationCount: Int) { itemOfOperation = Array(repeating: nil, count: operationCount) }

  subscript(item: Int) -> Item { items[item] }

  mutating func add(_ content: Content, role: Graph.Role, to parent: Int) -> Int {
    items.append(Item(content: content, role: role, parent: parent, depth: items[parent].depth + 1))
    items[parent].children.append(items.count - 1)
    return items.count - 1
  }

  func isScope(_ item: Int) -> Bool { if case .scope = items[item].content { true } else { false } }
  func isOwner(_ item: Int) -> Bool { if case .owner = items[item].content { true } else { false } }

  /// The child of the container that is, or holds, the item; nil when the item lies elsewhere.
  func child(of container: Int, holding item: Int) -> Int? {
    var current = item
    while items[current].depth > items[container].depth + 1 { current = items[current].parent }
    return current != container && items[current].parent == container ? current : nil
  }
}
