/// What is known of a tensor before it exists: its element type and its shape.
public struct TensorType: Hashable, Sendable {
  public var elementType: ElementType
  public var shape: Shape

  public init(_ elementType: ElementType, _ shape: Shape) {
    self.elementType = elementType
    self.shape = shape
  }

  /// A single 32-bit floating-point number.
  public static let scalar: TensorType = TensorType(.float32, .scalar)

  public var elementCount: Int { shape.elementCount }
  public var byteCount: Int {
    let (product, isTooLarge) = elementCount.multipliedReportingOverflow(by: elementType.byteCount)
    return isTooLarge ? .max : product
  }

  /// Bytes that a process can address: 128 TiB.
  public static let mostBytes: Int = 1 << 47

  /// What is wrong with the extents: one is negative, or a tensor of them is larger than what a process can address; nil
  /// where nothing is.
  public var problem: String? { problem(mostBytes: Self.mostBytes) }

  /// The same with another limit. Extents of 0 count as 1: distances in memory need to fit, too.
  public func problem(mostBytes: Int) -> String? {
    if let negative = shape.extents.first(where: { $0 < 0 }) {
      return "extents must not be negative, got \(negative) in \(self)"
    }
    let rows = TensorType(elementType, Shape(shape.extents.map { max($0, 1) }))
    if rows.byteCount <= mostBytes { return nil }
    return "\(self) has more than 2^\(mostBytes.trailingZeroBitCount) bytes"
      + (mostBytes == Self.mostBytes ? ", which is all that a process can address" : "")
  }

  /// The same shape with another element type.
  public func with(_ elementType: ElementType) -> TensorType { TensorType(elementType, shape) }

  /// The same element type with another shape.
  public func with(_ shape: Shape) -> TensorType { TensorType(elementType, shape) }
}

extension TensorType: CustomStringConvertible {
  /// `f32[B=8, L=81]`
  public var description: String { "\(elementType.rawValue)[\(shape)]" }
}
