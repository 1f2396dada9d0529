import TensorTypes

/// A function to be generated: what one step of a program launches.
public enum KernelFunction: Hashable, Sendable {
  case nest(Kernel)
  case scatter(RowScatter)
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

/// Adds rows of the given width to the rows of a table that numbers name, one after another.
public struct RowScatter: Hashable, Sendable {
  /// Of the table.
  public var rowCount: Int
  public var width: Int
  public var updateCount: Int
  public var elementType: ElementType

  public init(rowCount: Int, width: Int, updateCount: Int, elementType: ElementType) {
    (self.rowCount, self.width) = (rowCount, width)
    (self.updateCount, self.elementType) = (updateCount, elementType)
  }
}
