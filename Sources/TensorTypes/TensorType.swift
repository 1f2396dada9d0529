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
  public var byteCount: Int { elementCount * elementType.byteCount }

  /// The same shape with another element type.
  public func with(_ elementType: ElementType) -> TensorType { TensorType(elementType, shape) }

  /// The same element type with another shape.
  public func with(_ shape: Shape) -> TensorType { TensorType(elementType, shape) }
}

extension TensorType: CustomStringConvertible {
  /// `f32[B=8, L=81]`
  public var description: String { "\(elementType.rawValue)[\(shape)]" }
}
