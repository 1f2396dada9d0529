/// What sort of work an operation does: diagrams colour by it, and know no operator by name.
public enum OperationKind: String, Hashable, Sendable, CaseIterable {
  case contraction
  case elementwise
  case reduction
  case movement
  case indexing
  case composite
  case control
  case constant
}
