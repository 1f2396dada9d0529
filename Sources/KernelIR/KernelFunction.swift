import TensorTypes

/// A function to be generated: what one step of a program launches.
public enum KernelFunction: Hashable, Sendable {
  case nest(Kernel)
  /// Adds `updateCount` rows of the given width to rows of a table named by number.
  case scatter(rowCount: Int, width: Int, updateCount: Int, elementType: ElementType)
  case contraction(Contraction)
  case packing(PackedOperands)
  case streamed(StreamedGroup)

  /// One word for tables.
  public var kind: String {
    switch self {
    case .nest: "nest"
    case .scatter: "scatter"
    case .contraction: "product"
    case .packing: "packing"
    case .streamed: "group"
    }
  }
}
