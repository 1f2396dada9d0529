/// The kind of number that a tensor holds.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  case float32 = "f32"
  case float64 = "f64"
  case int32 = "i32"
  case bool = "bool"

  /// Size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64: 8
    case .bool: 1
    }
  }

  /// Whether a number has a value of this type, or for floating-point types a nearest one.
  public func holds(_ number: Double) -> Bool {
    switch self {
    case .float32, .float64: true
    case .int32: Int32(exactly: number) != nil
    case .bool: number == 0 || number == 1
    }
  }

  /// Whether values of this type carry gradients.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }
}
