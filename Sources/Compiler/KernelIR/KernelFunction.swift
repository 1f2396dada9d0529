import TensorTypes

/// A function to be generated: what one step of a program launches.
public enum KernelFunction: Hashable, Sendable {
  case nest(Kernel)
  case rows(RowWork)
  case contraction(Contraction)
  case packing(PackedOperands)
  case streamed(StreamedGroup)

  /// One word for tables.
  public var kind: String {
    switch self {
    case .nest: "nest"
    case .rows(let work): work.kind
    case .contraction: "product"
    case .packing: "packing"
    case .streamed: "group"
    }
  }
}
