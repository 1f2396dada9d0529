import GraphIR

/// Decides which operations of an open container are left out, their arrows passing through.
///
/// Movement and constants are bookkeeping everywhere; element-wise operations are so inside a scope, except
/// where two paths meet: a residual addition is what a reader looks for.
struct Hiding {
  private let outline: Outline
  private var isMinor: [Bool]
  private var isElementwise: [Bool]
  private var hasMajor: [Bool]
  private var hasOther: [Bool]
  private let isEnabled: Bool

  init(outline: Outline, graph: Graph, kind: (String) -> OperationKind, isEnabled: Bool) {
    self.outline = outline
    self.isEnabled = isEnabled
    let kinds = outline.items.map { item in
      if case .operation(let identifier) = item.content {
        kind(graph[identifier].name)
      } else {
        OperationKind.control
      }
    }
    isMinor = kinds.map { $0 == .movement || $0 == .constant }
    isElementwise = kinds.map { $0 == .elementwise }
    hasMajor = Array(repeating: false, count: kinds.count)
    hasOther = hasMajor
    for item in outline.items.indices.dropFirst() where !isMinor[item] {
      hasOther[outline[item].parent] = true
      if !isElementwise[item] { hasMajor[outline[item].parent] = true }
    }
  }

  func hides(_ item: Int, _ operation: Graph.Operation, sourceCount: Int) -> Bool {
    let container = outline[item].parent
    // A container never loses everything it holds.
    if !isEnabled { return false }
    if isMinor[item] { return hasOther[container] && sourceCount <= 1 }
    return isElementwise[item] && hasMajor[container] && outline.isScope(container) && sourceCount <= 1
  }
}
