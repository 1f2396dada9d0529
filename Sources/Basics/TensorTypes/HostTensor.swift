/// A tensor in host memory, row-major: how data enters and leaves programs.
///
/// It may be made with too few or too many elements for its shape; whoever takes it refuses it then.
public struct HostTensor: Sendable, Equatable {
  /// The elements, one case per element type.
  public enum Storage: Sendable, Equatable {
    case float32([Float])
    case float64([Double])
    case int32([Int32])
    case bool([Bool])
  }

  public var shape: Shape
  public var storage: Storage

  public init(_ shape: Shape, _ storage: Storage) {
    self.shape = shape
    self.storage = storage
  }

  public init(_ shape: Shape, _ elements: [Float]) { self.init(shape, .float32(elements)) }
  public init(_ shape: Shape, _ elements: [Int32]) { self.init(shape, .int32(elements)) }

  /// A tensor of the given type with every element equal to the value.
  public init(_ type: TensorType, repeating value: Double) {
    // Whoever takes the tensor refuses a shape that none has.
    let count = max(type.elementCount, 0)
    switch type.elementType {
    case .float32: self.init(type.shape, .float32(Array(repeating: Float(value), count: count)))
    case .float64: self.init(type.shape, .float64(Array(repeating: value, count: count)))
    case .int32: self.init(type.shape, .int32(Array(repeating: Int32(saturating: value), count: count)))
    case .bool: self.init(type.shape, .bool(Array(repeating: value != 0, count: count)))
    }
  }

  private var count: Int {
    switch storage {
    case .float32(let elements): elements.count
    case .float64(let elements): elements.count
    case .int32(let elements): elements.count
    case .bool(let elements): elements.count
    }
  }

  public var elementType: ElementType {
    switch storage {
    case .float32: .float32
    case .float64: .float64
    case .int32: .int32
    case .bool: .bool
    }
  }

  public var type: TensorType { TensorType(elementType, shape) }

  /// Whether it is of the type and has all elements that the type needs.
  public func fits(_ type: TensorType) -> Bool { self.type == type && count == shape.elementCount }

  /// Its type for messages, with the number of its elements where that is not the shape's.
  public var summary: String { count == shape.elementCount ? "\(type)" : "\(type) with \(count) elements" }
}

extension HostTensor {
  /// The elements converted to double precision; booleans become 0 and 1.
  public var doubles: [Double] {
    switch storage {
    case .float32(let elements): elements.map(Double.init)
    case .float64(let elements): elements
    case .int32(let elements): elements.map(Double.init)
    case .bool(let elements): elements.map { $0 ? 1 : 0 }
    }
  }

  /// The elements in single precision.
  public var floats: [Float] {
    if case .float32(let elements) = storage { return elements }
    return doubles.map(Float.init)
  }

  /// The elements as 32-bit integers: see `Int32(saturating:)`.
  public var integers: [Int32] {
    if case .int32(let elements) = storage { return elements }
    return doubles.map(Int32.init(saturating:))
  }

  /// The elements converted to another element type; what differs from 0, as NaN does, becomes true.
  public func converted(to elementType: ElementType) -> HostTensor {
    switch elementType {
    case .float32: HostTensor(shape, .float32(floats))
    case .float64: HostTensor(shape, .float64(doubles))
    case .int32: HostTensor(shape, .int32(integers))
    case .bool: HostTensor(shape, .bool(doubles.map { $0 != 0 }))
    }
  }
}

extension Int32 {
  /// The number without its fraction, the nearest of this type beyond its range, 0 for NaN.
  public init(saturating number: Double) {
    if number.isNaN {
      self = 0
    } else if number >= 0x1p31 {
      self = .max
    } else {
      self = number <= -0x1p31 ? .min : Int32(number)
    }
  }
}
