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

  /// Why a tensor of this type cannot hold a number that a model or a graph names; nil where it can.
  ///
  /// An integer is whole and fits, a boolean is 0 or 1, a floating-point number is rounded but stays finite.
  public func problem(holding number: Double) -> String? {
    switch self {
    case .float32: number.isFinite && !Float(number).isFinite ? "\(number) is too large for f32" : nil
    case .float64: nil
    case .int32: Int32(exactly: number) == nil ? "\(number) is no i32; convert the tensor first" : nil
    case .bool: number == 0 || number == 1 ? nil : "\(number) is no bool, which is 0 or 1"
    }
  }

  /// Whether values of this type carry gradients.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }
}
